/*
 * uscc_core.h
 *		The unified social credit code (GB 32100-2015) in 12 bytes: packing,
 *		unpacking and the check character.
 *
 * No fmgr, no errors thrown, no memory taken.  A code is 18 characters of an
 * alphabet of 31, so 5 bits each; they lie big-endian and left-aligned in 96
 * bits, of which the last 6 are zero.  As the alphabet is in ASCII order,
 * memcmp() over the packed form is the order of the text in the C collation.
 */
#ifndef FIRST_LOAN_USCC_CORE_H
#define FIRST_LOAN_USCC_CORE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define USCC_LENGTH			18	/* characters */
#define USCC_SIZE			12	/* bytes, packed */
#define USCC_RADIX			31
#define USCC_DIGIT			0x20	/* flag in uscc_value_of */

/* The 31 characters of the standard; I, O, S, V and Z are left out. */
static const char uscc_alphabet[USCC_RADIX + 1] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/*
 * Byte -> USCC_DIGIT | value, or 0 outside the alphabet (lower case is outside):
 * so that one AND over a whole code tells whether all of it is inside.
 */
static const unsigned char uscc_value_of[256] = {
	['0'] = USCC_DIGIT | 0, ['1'] = USCC_DIGIT | 1, ['2'] = USCC_DIGIT | 2, ['3'] = USCC_DIGIT | 3,
	['4'] = USCC_DIGIT | 4, ['5'] = USCC_DIGIT | 5, ['6'] = USCC_DIGIT | 6, ['7'] = USCC_DIGIT | 7,
	['8'] = USCC_DIGIT | 8, ['9'] = USCC_DIGIT | 9, ['A'] = USCC_DIGIT | 10, ['B'] = USCC_DIGIT | 11,
	['C'] = USCC_DIGIT | 12, ['D'] = USCC_DIGIT | 13, ['E'] = USCC_DIGIT | 14, ['F'] = USCC_DIGIT | 15,
	['G'] = USCC_DIGIT | 16, ['H'] = USCC_DIGIT | 17, ['J'] = USCC_DIGIT | 18, ['K'] = USCC_DIGIT | 19,
	['L'] = USCC_DIGIT | 20, ['M'] = USCC_DIGIT | 21, ['N'] = USCC_DIGIT | 22, ['P'] = USCC_DIGIT | 23,
	['Q'] = USCC_DIGIT | 24, ['R'] = USCC_DIGIT | 25, ['T'] = USCC_DIGIT | 26, ['U'] = USCC_DIGIT | 27,
	['W'] = USCC_DIGIT | 28, ['X'] = USCC_DIGIT | 29, ['Y'] = USCC_DIGIT | 30
};

/*
 * Pack exactly 18 canonical (upper-case) characters.  Returns false for
 * anything else; "out" is written only on success.
 */
static inline bool
uscc_pack(const char *s, int len, unsigned char out[USCC_SIZE])
{
	const unsigned char *p = (const unsigned char *) s;
	uint64_t	first = 0;		/* characters 1-12, 60 bits */
	uint32_t	last = 0;		/* characters 13-18, 30 bits */
	unsigned	seen = USCC_DIGIT;	/* all values and'ed: one test at the end */
	uint64_t	high;
	uint32_t	low;

	if (len != USCC_LENGTH)
		return false;

	for (int i = 0; i < 12; i++)
	{
		unsigned	v = uscc_value_of[p[i]];

		seen &= v;
		first = (first << 5) | (v & 0x1F);
	}
	for (int i = 12; i < USCC_LENGTH; i++)
	{
		unsigned	v = uscc_value_of[p[i]];

		seen &= v;
		last = (last << 5) | (v & 0x1F);
	}

	if (!seen)
		return false;

	high = (first << 4) | (last >> 26);
	low = last << 6;
	for (int i = 0; i < 8; i++)
		out[i] = (unsigned char) (high >> (56 - 8 * i));
	for (int i = 0; i < 4; i++)
		out[8 + i] = (unsigned char) (low >> (24 - 8 * i));
	return true;
}

/* First 8 bytes as a number that orders as they do. */
static inline uint64_t
uscc_high(const unsigned char in[USCC_SIZE])
{
	uint64_t	high = 0;

	for (int i = 0; i < 8; i++)
		high = (high << 8) | in[i];
	return high;
}

/* The other 4 bytes likewise. */
static inline uint32_t
uscc_low(const unsigned char in[USCC_SIZE])
{
	return ((uint32_t) in[8] << 24) | ((uint32_t) in[9] << 16) |
		((uint32_t) in[10] << 8) | (uint32_t) in[11];
}

/* The 18 values 0..30 (31 only where the bytes are not those of a code). */
static inline void
uscc_values(const unsigned char in[USCC_SIZE], unsigned char v[USCC_LENGTH])
{
	uint64_t	high = uscc_high(in);
	uint32_t	low = uscc_low(in);
	uint32_t	last = ((uint32_t) (high & 0xF) << 26) | (low >> 6);

	for (int i = 0; i < 12; i++)
		v[i] = (high >> (59 - 5 * i)) & 0x1F;
	for (int i = 0; i < 6; i++)
		v[12 + i] = (last >> (25 - 5 * i)) & 0x1F;
}

/* The 18 characters, not terminated. */
static inline void
uscc_unpack(const unsigned char in[USCC_SIZE], char out[USCC_LENGTH])
{
	unsigned char v[USCC_LENGTH];

	uscc_values(in, v);
	for (int i = 0; i < USCC_LENGTH; i++)
		out[i] = v[i] < USCC_RADIX ? uscc_alphabet[v[i]] : '?';
}

/* Are these 12 bytes what uscc_pack() makes?  For bytes from elsewhere. */
static inline bool
uscc_is_packed(const unsigned char in[USCC_SIZE])
{
	unsigned char v[USCC_LENGTH];

	if (in[USCC_SIZE - 1] & 0x3F)
		return false;
	uscc_values(in, v);
	for (int i = 0; i < USCC_LENGTH; i++)
	{
		if (v[i] >= USCC_RADIX)
			return false;
	}
	return true;
}

/*
 * The 18th value that the first 17 call for: GB 32100-2015, weights 3^(i-1)
 * mod 31, complement to 31, and 31 itself read as 0.
 */
static inline int
uscc_check_value(const unsigned char v[USCC_LENGTH])
{
	int			weight = 1;
	int			sum = 0;

	for (int i = 0; i < USCC_LENGTH - 1; i++)
	{
		sum += v[i] * weight;
		weight = weight * 3 % USCC_RADIX;
	}
	return (USCC_RADIX - sum % USCC_RADIX) % USCC_RADIX;
}

#endif							/* FIRST_LOAN_USCC_CORE_H */
