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
#define USCC_NOT_A_DIGIT	0x80	/* flag in uscc_value_of */

/* The 31 characters of the standard; I, O, S, V and Z are left out. */
static const char uscc_alphabet[USCC_RADIX + 1] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/* Byte -> value in the alphabet, or USCC_NOT_A_DIGIT; lower case is not in it. */
#define USCC_N	USCC_NOT_A_DIGIT
static const unsigned char uscc_value_of[256] = {
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	/* '0' */ 0, 1, 2, 3, 4, 5, 6, 7,
	8, 9, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	/* '@' */ USCC_N, 10, 11, 12, 13, 14, 15, 16,
	/* 'H' */ 17, USCC_N, 18, 19, 20, 21, 22, USCC_N,
	/* 'P' */ 23, 24, 25, USCC_N, 26, 27, USCC_N, 28,
	/* 'X' */ 29, 30, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N,
	USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N, USCC_N
};
#undef USCC_N

/*
 * Pack exactly 18 canonical (upper-case) characters.  Returns false for
 * anything else; then *badpos, if asked for, is the 0-based offset of the first
 * byte outside the alphabet, or -1 where it is the length that is wrong.  "out"
 * is written only on success.
 */
static inline bool
uscc_pack(const char *s, int len, unsigned char out[USCC_SIZE], int *badpos)
{
	const unsigned char *p = (const unsigned char *) s;
	uint64_t	first = 0;		/* characters 1-12, 60 bits */
	uint32_t	last = 0;		/* characters 13-18, 30 bits */
	unsigned	seen = 0;		/* every value or'ed: one test at the end */
	uint64_t	high;
	uint32_t	low;

	if (len != USCC_LENGTH)
	{
		if (badpos)
			*badpos = -1;
		return false;
	}

	for (int i = 0; i < 12; i++)
	{
		unsigned	v = uscc_value_of[p[i]];

		seen |= v;
		first = (first << 5) | (v & 0x1F);
	}
	for (int i = 12; i < USCC_LENGTH; i++)
	{
		unsigned	v = uscc_value_of[p[i]];

		seen |= v;
		last = (last << 5) | (v & 0x1F);
	}

	if (seen & USCC_NOT_A_DIGIT)
	{
		if (badpos)
		{
			int			i = 0;

			while (!(uscc_value_of[p[i]] & USCC_NOT_A_DIGIT))
				i++;
			*badpos = i;
		}
		return false;
	}

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
