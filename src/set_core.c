/*
 * set_core.c
 *		Adding rows to a set, settling its partitions, merging sets.
 */
#include "postgres.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/memnodes.h"
#include "utils/memutils.h"

#include "first_loan_set.h"

int			set_max_state_memory = -1;

#ifdef __GNUC__
#define prefetch(address) __builtin_prefetch((address), 1)
#else
#define prefetch(address) ((void) (address))
#endif

static FirstLoanSet *set_create_in(MemoryContext context,
								   const SetLayout *layout);
static void set_rebuild(FirstLoanSet *set, int log2parts, bool has_extra);

#define FIRST_SIZE		8		/* groups can be many, and small */
#define FIRST_SPLIT		4096	/* members of a set of one partition, at most */
#define PART_TARGET		16384	/* members of a partition before a split */
#define SPLIT_LOG2		2
#define MAX_LOG2PARTS	16

/* ---------- keys ---------- */

#ifdef WORDS_BIGENDIAN
#define TAG_WORD(tag)		((uint64) (tag))
#define WORD_TAG(word)		((uint8) (word))
#define OFFSET_WORD(offset) ((uint64) (offset) << 8)
#define WORD_OFFSET(word)	((Size) ((word) >> 8))
#else
#define TAG_WORD(tag)		((uint64) (tag) << 56)
#define WORD_TAG(word)		((uint8) ((word) >> 56))
#define OFFSET_WORD(offset) ((uint64) (offset))
#define WORD_OFFSET(word)	((Size) ((word) & ((UINT64CONST(1) << 56) - 1)))
#endif

/* The last of the 16 bytes of a text key says what the others are. */
#define KEY_TAG(entry) WORD_TAG((entry)->key[1])

static inline bool
key_is_out_of_line(const FirstLoanSet *set, const SetEntry *entry)
{
	return set->layout.key_class == SET_KEY_GENERIC ||
		(set->layout.key_class == SET_KEY_TEXT && KEY_TAG(entry) == SET_TAG_LONG);
}

static inline Size
key_offset(const FirstLoanSet *set, const SetEntry *entry)
{
	return set->layout.key_class == SET_KEY_GENERIC ?
		(Size) entry->key[1] : WORD_OFFSET(entry->key[1]);
}

static inline void
set_key_offset(const FirstLoanSet *set, SetEntry *entry, Size offset)
{
	entry->key[1] = set->layout.key_class == SET_KEY_GENERIC ?
		(uint64) offset : TAG_WORD(SET_TAG_LONG) | OFFSET_WORD(offset);
}

/* The finalizer of MurmurHash3: every bit of x moves every bit of the result. */
static inline uint64
mix64(uint64 x)
{
	x ^= x >> 33;
	x *= UINT64CONST(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64CONST(0xc4ceb9fe1a85ec53);
	x ^= x >> 33;
	return x;
}

/* The product of two numbers, one half upon the other: a hash where one is secret. */
static inline uint64
fold_product(uint64 a, uint64 b)
{
#ifdef HAVE_INT128
	uint128		product = (uint128) a * b;

	return (uint64) product ^ (uint64) (product >> 64);
#else
	uint64		alow = a & PG_UINT32_MAX;
	uint64		blow = b & PG_UINT32_MAX;
	uint64		middle = (a >> 32) * blow + (alow * blow >> 32);
	uint64		other = alow * (b >> 32) + (middle & PG_UINT32_MAX);

	return a * b ^ ((a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32));
#endif
}

/*
 * The partition of a key is the same in every process of a cluster.  The seed
 * differs from cluster to cluster.  One product would do for most seeds, and fill
 * some partitions six times as much as others for a few, where numbers are
 * multiples of a power of two.
 */
static inline uint32
part_of_key(const FirstLoanSet *set, uint64 first, uint64 second)
{
	uint64		hash = fold_product(fold_product(first ^ set->seed, second ^ set->second_seed),
									set->seed);

	/* two shifts, as a shift by 64 is undefined */
	return (uint32) ((hash >> 1) >> (63 - set->log2parts));
}

/* The same for an entry of this set or of another. */
static inline uint32
part_of_entry(const FirstLoanSet *set, const FirstLoanSet *of, const SetEntry *entry)
{
	return part_of_key(set, entry->key[0], key_is_out_of_line(of, entry) ? 0 : entry->key[1]);
}

/* ---------- text of 16 to 20 characters in 15 bytes ---------- */

/*
 * Identifiers are digits and capitals: the 64 characters from '0' to 'o' take
 * six bits each.  Eight of them at a time, as bytes of one word.
 */
#define EACH(byte) (UINT64CONST(0x0101010101010101) * (byte))

static pg_attribute_always_inline bool
six_bits_each(uint64 word)
{
	return (word & EACH(0x80)) == 0 && ((word + EACH(0x10)) & EACH(0xC0)) == EACH(0x40);
}

static pg_attribute_always_inline uint64
pack_six_bits(uint64 word)
{
	word = (word + EACH(0x10)) & EACH(0x3F);
	word = (word & UINT64CONST(0x003F003F003F003F)) |
		(word & UINT64CONST(0x3F003F003F003F00)) >> 2;
	word = (word & UINT64CONST(0x00000FFF00000FFF)) |
		(word & UINT64CONST(0x0FFF00000FFF0000)) >> 4;
	return (word & UINT64CONST(0x0000000000FFFFFF)) |
		(word & UINT64CONST(0x00FFFFFF00000000)) >> 8;
}

static inline uint64
unpack_six_bits(uint64 word)
{
	word = (word & UINT64CONST(0x0000000000FFFFFF)) |
		(word & UINT64CONST(0x0000FFFFFF000000)) << 8;
	word = (word & UINT64CONST(0x00000FFF00000FFF)) |
		(word & UINT64CONST(0x00FFF00000FFF000)) << 4;
	word = (word & UINT64CONST(0x003F003F003F003F)) |
		(word & UINT64CONST(0x0FC00FC00FC00FC0)) << 2;
	return word + EACH(0x30);
}

/*
 * The characters from the 17th on, of at least 16 and at most 24, filled up
 * with '0'.  Read at once, as the last eight bytes.
 */
static inline uint64
last_word(const char *data, Size len)
{
	int			bits = 8 * (int) (len - 16);
	uint64		word;

	if (bits == 0)
		return EACH('0');
	memcpy(&word, data + len - 8, 8);
#ifdef WORDS_BIGENDIAN
	return bits == 64 ? word : word << (64 - bits) | EACH('0') >> bits;
#else
	return bits == 64 ? word : word >> (64 - bits) | EACH('0') << bits;
#endif
}

/*
 * Fill in the key and return true, or return false.  Always inline: a key that is
 * written to memory by halves, and read from there as a whole, is waited for.
 */
static pg_attribute_always_inline bool
pack_text(uint64 *key0, uint64 *key1, const char *data, Size len)
{
	uint64		first;
	uint64		second;
	uint64		last;

	if (len <= SET_SHORT_TEXT_MAX || len > SET_PACKED_TEXT_MAX)
		return false;
	memcpy(&first, data, 8);
	memcpy(&second, data + 8, 8);
	last = last_word(data, len);
	if (!six_bits_each(first) || !six_bits_each(second) || !six_bits_each(last))
		return false;
	first = pack_six_bits(first);
	second = pack_six_bits(second);
	last = pack_six_bits(last);
#ifdef WORDS_BIGENDIAN
	last >>= 24;				/* the characters are the high half */
#endif
	*key0 = first | second << 48;
	*key1 = TAG_WORD(len) | OFFSET_WORD(second >> 16 | (last & 0xFFFFFF) << 32);
	return true;
}

static inline void
unpack_text(const uint64 key[2], char data[24])
{
	uint64		rest = WORD_OFFSET(key[1]);
	uint64		first = unpack_six_bits(key[0] & UINT64CONST(0xFFFFFFFFFFFF));
	uint64		second = unpack_six_bits(key[0] >> 48 | (rest & 0xFFFFFFFF) << 16);
	uint64		last = rest >> 32;

#ifdef WORDS_BIGENDIAN
	last <<= 24;
#endif
	last = unpack_six_bits(last);
	memcpy(data, &first, 8);
	memcpy(data + 8, &second, 8);
	memcpy(data + 16, &last, 8);
}

/* ---------- narrow entries ---------- */

/*
 * Of 18 characters of six bits, 108 bits, those of the 3rd to the 8th that are
 * nought in a digit (the administrative division of a code, GB 32100-2015; of an
 * identity number, GB 11643-1999) have room for the last two characters.  Other
 * keys are narrow where they are 12 bytes or less.
 */
#define DIGIT_HOLES		(UINT64CONST(0xC30C30C3) << 16)
#define NARROW_TEXT		18

static pg_attribute_always_inline bool
entry_may_be_narrow(SetKeyClass key_class, const SetEntry *entry)
{
	if (key_class == SET_KEY_TEXT)
		return KEY_TAG(entry) == NARROW_TEXT && (entry->key[0] & DIGIT_HOLES) == 0;
	return entry->key[1] <= PG_UINT32_MAX;
}

static pg_attribute_always_inline void
narrow_entry(SetKeyClass key_class, SetNarrowEntry *to, const SetEntry *from)
{
	uint64		pairs = 0;

	if (key_class == SET_KEY_TEXT)
	{
		/* six pairs of bits, each to the place of one of the characters */
		pairs = from->key[1] >> 32 & 0xFFF;
		pairs = (pairs & 0x3F) | (pairs & 0xFC0) << 12;
		pairs = (pairs & 0xC0003) | (pairs & 0x30000C) << 4 | (pairs & 0xC00030) << 8;
	}
	to->key = from->key[0] | pairs << 16;
	to->more = (uint32) from->key[1];
	to->when = (int32) from->when;
	to->ref = from->ref;
}

static pg_attribute_always_inline SetEntry
widen_entry(SetKeyClass key_class, const SetNarrowEntry *from)
{
	SetEntry	to;

	to.key[0] = from->key;
	to.key[1] = from->more;
	if (key_class == SET_KEY_TEXT)
	{
		uint64		pairs = from->key >> 16;

		pairs = (pairs & 0xC0003) | (pairs >> 4 & 0x30000C) | (pairs >> 8 & 0xC00030);
		pairs = (pairs & 0x3F) | (pairs >> 12 & 0xFC0);
		to.key[0] &= ~DIGIT_HOLES;
		to.key[1] |= TAG_WORD(NARROW_TEXT) | pairs << 32;
	}
	to.when = from->when;
	to.ref = from->ref;
	return to;
}

/* An entry of either form as a wide one, which may be built in buf. */
static inline const SetEntry *
wide_entry(const FirstLoanSet *set, const void *place, SetEntry *buf)
{
	if (!set->narrow)
		return place;
	*buf = widen_entry(set->layout.key_class, place);
	return buf;
}

/* ---------- values out of line ---------- */

/* The bytes of a value, without the header of a varlena. */
static inline void
value_image(const SetColumn *column, Datum *value, const char **data, Size *len)
{
	if (column->typbyval)
	{
		*data = (const char *) value;
		*len = sizeof(Datum);
	}
	else if (column->typlen == -1)
	{
		struct varlena *v = (struct varlena *) DatumGetPointer(*value);

		if (unlikely(VARATT_IS_COMPRESSED(v) || VARATT_IS_EXTERNAL(v)))
			v = PG_DETOAST_DATUM_PACKED(*value);
		*data = VARDATA_ANY(v);
		*len = VARSIZE_ANY_EXHDR(v);
	}
	else
	{
		*data = DatumGetPointer(*value);
		*len = column->typlen > 0 ? (Size) column->typlen : strlen(*data) + 1;
	}
}

static int
image_cmp(const SetColumn *column, Datum a, Datum b)
{
	const char *adata;
	const char *bdata;
	Size		alen;
	Size		blen;
	int			cmp;

	value_image(column, &a, &adata, &alen);
	value_image(column, &b, &bdata, &blen);
	cmp = memcmp(adata, bdata, Min(alen, blen));
	if (cmp == 0)
		cmp = (alen > blen) - (alen < blen);
	return cmp;
}

static inline Size
blob_space(const SetColumn *column, Size len)
{
	return MAXALIGN(len + (column->typlen == -1 ? VARHDRSZ : 0));
}

/* Put an image into the arena, where there must be room; returns its place. */
static Size
blob_put(SetPart *part, const SetColumn *column, const char *data, Size len)
{
	Size		offset = part->arena_used;
	char	   *place = part->arena + offset;

	Assert(part->arena != NULL);
	/* the arena is stored as it is: no garbage between the images */
	part->arena_used += blob_space(column, len);
	memset(part->arena + part->arena_used - MAXIMUM_ALIGNOF, 0, MAXIMUM_ALIGNOF);
	if (column->typlen == -1)
	{
		SET_VARSIZE(place, len + VARHDRSZ);
		place += VARHDRSZ;
	}
	memcpy(place, data, len);
	return offset;
}

static inline Datum
blob_value(const SetPart *part, const SetColumn *column, Size offset)
{
	const char *place = part->arena + offset;

	return column->typbyval ? *(const Datum *) place : PointerGetDatum(place);
}

static inline Size
blob_length(const SetPart *part, const SetColumn *column, Size offset)
{
	Datum		value = blob_value(part, column, offset);
	const char *data;
	Size		len;

	value_image(column, &value, &data, &len);
	return blob_space(column, len);
}

/* Copy a value from one arena to another, where there must be room. */
static inline Size
blob_copy(SetPart *to, const SetColumn *column, const SetPart *from, Size offset)
{
	Size		len = blob_length(from, column, offset);
	Size		place = to->arena_used;

	memcpy(to->arena + place, from->arena + offset, len);
	to->arena_used += len;
	return place;
}

static inline bool
ref_is_null(const FirstLoanSet *set, const SetEntry *entry)
{
	return set->has_extra && set_entry_extra(entry)->ref_is_null;
}

static inline bool
ref_is_out_of_line(const FirstLoanSet *set, const SetEntry *entry)
{
	return set->layout.ref_class == SET_REF_GENERIC && !ref_is_null(set, entry);
}

static Size
entry_arena_space(const FirstLoanSet *set, const SetPart *part,
				  const SetEntry *entry)
{
	Size		space = 0;

	if (key_is_out_of_line(set, entry))
		space += blob_length(part, &set->layout.borrower, key_offset(set, entry));
	if (ref_is_out_of_line(set, entry))
		space += blob_length(part, &set->layout.ref, (Size) entry->ref);
	return space;
}

/* ---------- reading an entry ---------- */

static Datum
datum_of_width(int64 value, int16 typlen)
{
	switch (typlen)
	{
		case 1:
			return CharGetDatum((char) value);
		case 2:
			return Int16GetDatum((int16) value);
		case 4:
			return Int32GetDatum((int32) value);
		default:
			return Int64GetDatum(value);
	}
}

Datum
set_entry_borrower(const FirstLoanSet *set, const SetPart *part,
				   const void *place, SetKeyBuffer *buf)
{
	const SetColumn *column = &set->layout.borrower;
	const SetEntry *entry = wide_entry(set, place, &buf->entry);

	if (key_is_out_of_line(set, entry))
		return blob_value(part, column, key_offset(set, entry));

	if (set->layout.key_class == SET_KEY_FIXED)
		return column->typbyval ?
			datum_of_width((int64) entry->key[0], column->typlen) :
			PointerGetDatum(entry->key);

	if (KEY_TAG(entry) <= SET_SHORT_TEXT_MAX)
		memcpy(buf->data + VARHDRSZ, entry->key, KEY_TAG(entry));
	else
		unpack_text(entry->key, buf->data + VARHDRSZ);
	SET_VARSIZE(buf->data, VARHDRSZ + KEY_TAG(entry));
	return PointerGetDatum(buf->data);
}

/* A reference of SET_REF_INT as its type has it. */
Datum
set_ref_datum(const FirstLoanSet *set, int64 ref)
{
	return datum_of_width(ref, set->layout.ref.typlen);
}

Datum
set_entry_ref(const FirstLoanSet *set, const SetPart *part,
			  const void *place, bool *isnull)
{
	int64		ref = set_entry_ref_number(set, place);

	*isnull = ref_is_null(set, place);
	if (*isnull)
		return (Datum) 0;
	if (set->layout.ref_class == SET_REF_INT)
		return set_ref_datum(set, ref);
	return blob_value(part, &set->layout.ref, (Size) ref);
}

void
set_entry_row(const FirstLoanSet *set, const SetPart *part,
			  const void *place, SetKeyBuffer *buf, SetRow *row)
{
	row->borrower = set_entry_borrower(set, part, place, buf);
	row->when = set_entry_when(set, place);
	row->ref = set_entry_ref(set, part, place, &row->ref_is_null);
	row->institution_is_null = true;
	row->institution = (Datum) 0;
	row->eligible = SET_ELIGIBLE_TRUE;
	if (set->has_extra)
	{
		SetExtra   *extra = set_entry_extra(place);

		row->eligible = extra->eligible;
		if (extra->institution != SET_NO_INSTITUTION)
		{
			row->institution = set->institutions[extra->institution].value;
			row->institution_is_null = false;
		}
	}
}

/* Does a value that a stored entry points to lie within the arena? */
static bool
blob_is_sound(const SetPart *part, const SetColumn *column, Size offset)
{
	Size		room;

	if (offset % MAXIMUM_ALIGNOF != 0 || offset >= part->arena_used)
		return false;
	room = part->arena_used - offset;
	if (column->typbyval)
		return room >= sizeof(Datum);
	if (column->typlen > 0)
		return room >= (Size) column->typlen;
	if (column->typlen == -1)
	{
		const char *place = part->arena + offset;

		return VARATT_IS_4B_U(place) && VARSIZE(place) >= VARHDRSZ &&
			VARSIZE(place) <= room;
	}
	return memchr(part->arena + offset, '\0', room) != NULL;
}

/* Can an entry of a stored set be read without reading elsewhere? */
bool
set_entry_is_sound(const FirstLoanSet *set, const SetPart *part,
				   const SetEntry *entry)
{
	if (entry->when == PG_INT64_MIN)
		return false;
	if (set->has_extra)
	{
		SetExtra   *extra = set_entry_extra(entry);

		if (extra->institution != SET_NO_INSTITUTION &&
			extra->institution >= set->ninstitutions)
			return false;
		if (extra->eligible > SET_ELIGIBLE_NULL || *(const uint8 *) &extra->ref_is_null > 1)
			return false;
	}
	if (set->layout.key_class == SET_KEY_TEXT &&
		KEY_TAG(entry) > SET_PACKED_TEXT_MAX && KEY_TAG(entry) != SET_TAG_LONG)
		return false;
	if (key_is_out_of_line(set, entry) &&
		!blob_is_sound(part, &set->layout.borrower, key_offset(set, entry)))
		return false;
	if (ref_is_out_of_line(set, entry) &&
		!blob_is_sound(part, &set->layout.ref, (Size) entry->ref))
		return false;
	return true;
}

/* ---------- the order ---------- */

/* By the type's comparison; what it calls equal, by the bytes. */
int
set_value_cmp(const SetColumn *column, Datum a, Datum b)
{
	int			cmp = DatumGetInt32(FunctionCall2Coll(&column->tc->cmp_proc_finfo,
													  column->collation, a, b));

	return cmp != 0 ? cmp : image_cmp(column, a, b);
}

int
set_institution_cmp(const FirstLoanSet *set, uint32 a, uint32 b)
{
	if (a == b)
		return 0;
	if (a == SET_NO_INSTITUTION)
		return 1;
	if (b == SET_NO_INSTITUTION)
		return -1;
	return set_value_cmp(&set->layout.institution,
						 set->institutions[a].value, set->institutions[b].value);
}

/* Borrowers, to list those of one loan in an order; types need not sort. */
int
set_borrower_cmp(const FirstLoanSet *set, Datum a, Datum b)
{
	const SetColumn *column = &set->layout.borrower;

	return OidIsValid(column->tc->cmp_proc_finfo.fn_oid) ?
		set_value_cmp(column, a, b) : image_cmp(column, a, b);
}

/* What follows an entry, in the numbers of the set that it is brought to. */
static inline SetExtra
extra_of(const FirstLoanSet *set, const SetEntry *entry, const uint32 *renumber)
{
	SetExtra	extra = {.institution = SET_NO_INSTITUTION,.eligible = SET_ELIGIBLE_TRUE};

	if (set->has_extra)
		extra = *set_entry_extra(entry);
	if (renumber && extra.institution != SET_NO_INSTITUTION)
		extra.institution = renumber[extra.institution];
	return extra;
}

/* Two borrowings of one borrower, the second perhaps of another set. */
static inline int
borrowing_cmp(const FirstLoanSet *set, const SetPart *apart, const SetEntry *a,
			  const FirstLoanSet *bset, const SetPart *bpart, const SetEntry *b,
			  const uint32 *renumber)
{
	bool		anull;
	bool		bnull;

	if (a->when != b->when)
		return a->when < b->when ? -1 : 1;

	anull = ref_is_null(set, a);
	bnull = ref_is_null(bset, b);
	if (anull != bnull)
		return anull ? 1 : -1;
	if (!anull)
	{
		if (set->layout.ref_class == SET_REF_INT)
		{
			if (a->ref != b->ref)
				return a->ref < b->ref ? -1 : 1;
		}
		else
		{
			int			cmp = set_value_cmp(&set->layout.ref,
											blob_value(apart, &set->layout.ref, (Size) a->ref),
											blob_value(bpart, &set->layout.ref, (Size) b->ref));

			if (cmp != 0)
				return cmp;
		}
	}

	if (set->has_extra)
	{
		SetExtra	ax = extra_of(set, a, NULL);
		SetExtra	bx = extra_of(bset, b, renumber);
		int			cmp = set_institution_cmp(set, ax.institution, bx.institution);

		if (cmp != 0)
			return cmp;
		return (int) ax.eligible - (int) bx.eligible;
	}
	return 0;
}

int
set_entry_cmp(const FirstLoanSet *set, const SetPart *apart, const void *a,
			  const SetPart *bpart, const void *b)
{
	SetEntry	abuf;
	SetEntry	bbuf;

	return borrowing_cmp(set, apart, wide_entry(set, a, &abuf),
						 set, bpart, wide_entry(set, b, &bbuf), NULL);
}

/* ---------- partitions ---------- */

static inline bool
keys_equal(const FirstLoanSet *set, const SetPart *apart, const SetEntry *a,
		   const SetPart *bpart, const SetEntry *b)
{
	const SetColumn *column = &set->layout.borrower;
	Datum		avalue;
	Datum		bvalue;

	if (a->key[0] != b->key[0])
		return false;
	if (!key_is_out_of_line(set, a))
		return a->key[1] == b->key[1];
	if (!key_is_out_of_line(set, b))
		return false;

	avalue = blob_value(apart, column, key_offset(set, a));
	bvalue = blob_value(bpart, column, key_offset(set, b));
	if (set->layout.key_class == SET_KEY_TEXT)
		return image_cmp(column, avalue, bvalue) == 0;
	return DatumGetBool(FunctionCall2Coll(&column->tc->eq_opr_finfo,
										  column->collation, avalue, bvalue));
}

/* Count what the state takes, and keep the limit. */
static void
set_charge(FirstLoanSet *set, Size freed, Size allocated)
{
	set->memory += allocated - freed;
	if (allocated > freed && set_max_state_memory >= 0 &&
		set->memory / 1024 > (Size) set_max_state_memory)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("first-loan set exceeds \"%s\" (%d kB)",
						"first_loan.max_state_memory", set_max_state_memory),
				 errhint("Aggregate one slice of the borrowers after the other, WHERE first_loan.borrower_slice(borrower, 8) = 0 and so on, or raise the limit.")));
}

/*
 * The chunks of a set of several partitions are cut from slabs, which are as
 * large as pages can be huge.
 */
typedef struct SetSlab
{
	struct SetSlab *next;
	Size		size;
} SetSlab;

#define SLAB_MIN	((Size) 128 * 1024)
#define SLAB_MAX	((Size) 32 * 1024 * 1024)
#define HUGE_PAGE	((Size) 2 * 1024 * 1024)

#define chunk_size(set) ((Size) SET_CHUNK * (set)->stride)

/* The kernel may or may not follow the advice. */
void
set_advise_huge_pages(void *memory, Size size)
{
#ifdef MADV_HUGEPAGE
	char	   *start = (char *) TYPEALIGN(HUGE_PAGE, memory);
	char	   *end = (char *) TYPEALIGN_DOWN(HUGE_PAGE, (char *) memory + size);

	if (start < end)
		(void) madvise(start, end - start, MADV_HUGEPAGE);
#endif
}

static inline void
chunk_give_back(FirstLoanSet *set, char *chunk)
{
	*(char **) chunk = set->free_chunks;
	set->free_chunks = chunk;
}

static char *
chunk_get(FirstLoanSet *set)
{
	char	   *result = set->free_chunks;

	if (result)
	{
		set->free_chunks = *(char **) result;
		return result;
	}
	if (set->slab_left < chunk_size(set))
	{
		Size		bytes = Max(Min(set->memory / 8, SLAB_MAX), SLAB_MIN);
		Size		align = PG_CACHE_LINE_SIZE;
		SetSlab    *slab;

		/* a page that is huge takes less time than many, if more room */
		if (set->memory >= 2 * HUGE_PAGE)
		{
			align = HUGE_PAGE;
			bytes = TYPEALIGN(HUGE_PAGE, bytes);
		}
		set_charge(set, 0, bytes);

		/* what is beside the aligned part is not touched, and costs nothing */
		slab = MemoryContextAllocHuge(set->hdr.eoh_context,
									  sizeof(SetSlab) + bytes + align);
		slab->next = set->slabs;
		slab->size = bytes;
		set->slabs = slab;
		set->slab_next = (char *) TYPEALIGN(align, slab + 1);
		set->slab_left = bytes;
		set_advise_huge_pages(set->slab_next, bytes);
	}
	result = set->slab_next;
	set->slab_next += chunk_size(set);
	set->slab_left -= chunk_size(set);
	return result;
}

/* Give a partition room for more entries. */
static void
part_grow(FirstLoanSet *set, SetPart *part)
{
	Size		size = SET_CHUNK;

	if (part->size > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("first-loan set has too many members"),
				 errhint("Aggregate one slice of the borrowers after the other, WHERE first_loan.borrower_slice(borrower, 8) = 0 and so on.")));

	/* the first chunk of a small set grows */
	if (set->log2parts == 0 && part->size < SET_CHUNK)
	{
		size = Max(FIRST_SIZE, part->size * 2);
		set_charge(set, (Size) part->size * set->stride, size * set->stride);
		if (part->nchunks > 0)
		{
			part->chunks[0] = repalloc(part->chunks[0], size * set->stride);
			part->size = size;
			return;
		}
	}
	else if (set->log2parts == 0)
		set_charge(set, 0, size * set->stride);

	/* the table has room for a power of two */
	if (part->nchunks == 0)
		part->chunks = MemoryContextAlloc(set->hdr.eoh_context, sizeof(char *));
	else if ((part->nchunks & (part->nchunks - 1)) == 0)
		part->chunks = repalloc_huge(part->chunks, (Size) part->nchunks * 2 * sizeof(char *));
	part->chunks[part->nchunks] = set->log2parts > 0 ? chunk_get(set) :
		MemoryContextAlloc(set->hdr.eoh_context, size * set->stride);
	part->nchunks++;
	part->size += size;
}

/* Members and the rows that wait behind them. */
static inline uint32
part_filled(const FirstLoanSet *set, const SetPart *part)
{
	const SetTail *tail = &set->tails[part - set->parts];

	return part->limit - (uint32) ((Size) (tail->end - tail->next) / set->stride);
}

/* Move the arena, with room for so many bytes more; garbage stays behind. */
static void
part_rebuild_arena(FirstLoanSet *set, SetPart *part, Size room)
{
	SetPart		old = *part;
	Size		live = 0;
	uint32		filled = part_filled(set, part);

	for (uint32 i = 0; i < filled; i++)
		live += entry_arena_space(set, part, set_entry(set, part, i));

	part->arena_size = live + live / 4 + room;
	set_charge(set, old.arena_size, part->arena_size);
	part->arena = MemoryContextAllocHuge(set->hdr.eoh_context,
										 Max(part->arena_size, 1));
	part->arena_used = part->arena_garbage = 0;
	for (uint32 i = 0; i < filled; i++)
	{
		SetEntry   *entry = set_entry(set, part, i);

		if (key_is_out_of_line(set, entry))
			set_key_offset(set, entry,
						   blob_copy(part, &set->layout.borrower, &old,
									 key_offset(set, entry)));
		if (ref_is_out_of_line(set, entry))
			entry->ref = (int64) blob_copy(part, &set->layout.ref, &old,
										   (Size) entry->ref);
	}
	if (old.arena)
		pfree(old.arena);
}

static inline void
part_need_arena(FirstLoanSet *set, SetPart *part, Size bytes)
{
	Size		size;

	if (part->arena_size - part->arena_used >= bytes)
		return;
	if (part->arena_garbage > part->arena_used / 4)
	{
		part_rebuild_arena(set, part, bytes);
		return;
	}
	size = Max(part->arena_size + part->arena_size / 2, part->arena_used + bytes);
	size = Max(size, 256);
	set_charge(set, part->arena_size, size);
	part->arena = part->arena ? repalloc_huge(part->arena, size) :
		MemoryContextAllocHuge(set->hdr.eoh_context, size);
	part->arena_size = size;
}

/* Free a partition that was of a set of one, or of slabs that are kept. */
static void
part_free(FirstLoanSet *set, SetPart *part)
{
	for (uint32 i = 0; i < part->nchunks; i++)
	{
		if (set->log2parts > 0)
			chunk_give_back(set, part->chunks[i]);
		else
			pfree(part->chunks[i]);
	}
	if (part->chunks)
		pfree(part->chunks);
	if (set->log2parts == 0)
		set_charge(set, (Size) part->size * set->stride, 0);
	set_charge(set, part->arena_size, 0);
	if (part->arena)
		pfree(part->arena);
}

/* ---------- settling ---------- */

/*
 * Give "to" what "from" says beside the key: the borrowing, in place of
 * another if "over".  Its blob lies in the same arena already, or must find room
 * there.
 */
static inline void
take_borrowing(FirstLoanSet *set, SetPart *part, SetEntry *to, bool over,
			   const FirstLoanSet *from_set, const SetPart *from_part,
			   const SetEntry *from, const uint32 *renumber)
{
	to->when = from->when;
	if (from_part != part && ref_is_out_of_line(from_set, from))
	{
		const SetColumn *column = &set->layout.ref;
		Size		len = blob_length(from_part, column, (Size) from->ref);

		if (over && ref_is_out_of_line(set, to) &&
			blob_length(part, column, (Size) to->ref) == len)
			memcpy(part->arena + to->ref, from_part->arena + from->ref, len);
		else
			to->ref = (int64) blob_copy(part, column, from_part, (Size) from->ref);
	}
	else
		to->ref = from->ref;
	if (set->has_extra)
		*set_entry_extra(to) = extra_of(from_set, from, renumber);
}

/* The same for a new member or a row that is to wait, key and all. */
static inline void
take_entry(FirstLoanSet *set, SetPart *part, SetEntry *to,
		   const FirstLoanSet *from_set, const SetPart *from_part,
		   const SetEntry *from, const uint32 *renumber)
{
	to->key[0] = from->key[0];
	to->key[1] = from->key[1];
	if (from_part != part && key_is_out_of_line(from_set, from))
		set_key_offset(set, to,
					   blob_copy(part, &set->layout.borrower, from_part,
								 key_offset(from_set, from)));
	take_borrowing(set, part, to, false, from_set, from_part, from, renumber);
}

/* Of two borrowings of one borrower, let the entry keep the first. */
static void
keep_first(FirstLoanSet *set, SetPart *part, SetEntry *entry,
		   const FirstLoanSet *from_set, const SetPart *from_part,
		   const SetEntry *from, const uint32 *renumber)
{
	bool		own = from_part == part;
	bool		count = part->arena_used > 0;
	Size		space = 0;

	if (count)
		space = entry_arena_space(set, part, entry) - part->arena_used +
			(own ? entry_arena_space(set, part, from) : 0);

	/* of keys that are equal but look different (1.0 and 1.00), the smallest */
	if (set->layout.key_class == SET_KEY_GENERIC)
	{
		const SetColumn *column = &set->layout.borrower;
		Size		offset = key_offset(from_set, from);

		if (image_cmp(column, blob_value(part, column, key_offset(set, entry)),
					  blob_value(from_part, column, offset)) > 0)
			set_key_offset(set, entry, own ? offset :
						   blob_copy(part, column, from_part, offset));
	}
	if (borrowing_cmp(set, part, entry, from_set, from_part, from, renumber) > 0)
		take_borrowing(set, part, entry, true, from_set, from_part, from, renumber);

	/* what was there and what came, but for what is left */
	if (count)
		part->arena_garbage += space + part->arena_used -
			entry_arena_space(set, part, entry);
}

/* Which is first cannot be foretold: no branch, but for a tie. */
#define keep_first_simple(entry, from) \
	do { \
		bool		better = (from)->when < (entry)->when; \
		\
		if (unlikely((from)->when == (entry)->when)) \
			better = (from)->ref < (entry)->ref; \
		(entry)->when = better ? (from)->when : (entry)->when; \
		(entry)->ref = better ? (from)->ref : (entry)->ref; \
	} while (0)

/*
 * The same, with a short way for entries that are "simple", and their stride,
 * constants: see part_absorb().
 */
static pg_attribute_always_inline void
meet(bool simple, Size stride, FirstLoanSet *set, SetPart *part, SetEntry *entry,
	 const FirstLoanSet *from_set, const SetPart *from_part,
	 const SetEntry *from, const uint32 *renumber)
{
	if (simple && stride == sizeof(SetNarrowEntry))
		keep_first_simple((SetNarrowEntry *) entry, (const SetNarrowEntry *) from);
	else if (simple && stride == sizeof(SetEntry))
		keep_first_simple(entry, from);
	else if (!simple || from->when <= entry->when)
		keep_first(set, part, entry, from_set, from_part, from, renumber);
}

/*
 * An index of the members of one partition, while it is settled: open
 * addressing, at most three quarters full.  A slot has the place of an entry,
 * counted from 1, in its low bits and bits of the hash in the others.  The salt
 * is this process's own secret, so that no one can make keys that collide.
 */
#define SMALL_INDEX		256
#define ABSORB_GROUP	32
#define AHEAD			32		/* entries that the memory is asked for early */

typedef struct PartIndex
{
	uint32	   *slots;
	uint32		mask;			/* slots less one */
	uint32		small[SMALL_INDEX];
} PartIndex;

static uint64 index_salt[2] = {0, 0};

static pg_attribute_always_inline uint64
index_hash(bool simple, Size stride, const FirstLoanSet *set, const SetEntry *entry)
{
	bool		out = !simple && key_is_out_of_line(set, entry);

	if (simple && stride == sizeof(SetNarrowEntry))
	{
		const SetNarrowEntry *narrow = (const SetNarrowEntry *) entry;

		return fold_product(narrow->key ^ index_salt[0], narrow->more ^ index_salt[1]);
	}
	return fold_product(entry->key[0] ^ index_salt[0],
						(out ? 0 : entry->key[1]) ^ index_salt[1]);
}

static inline uint32
index_tag(uint64 hash, uint32 mask)
{
	return (uint32) (hash >> 32) & ~mask;
}

/* An empty index for so many; a set of several partitions keeps its memory. */
static void
index_begin(FirstLoanSet *set, PartIndex *index, Size members)
{
	Size		size = 16;

	while (size - size / 4 < members)
		size *= 2;
	index->mask = (uint32) (size - 1);
	index->slots = index->small;
	if (size > SMALL_INDEX)
	{
		if (set->index_size < size)
		{
			set_charge(set, set->index_size * sizeof(uint32), size * sizeof(uint32));
			if (set->index)
				pfree(set->index);
			set->index = NULL;
			set->index_size = 0;
			set->index = MemoryContextAllocHuge(set->hdr.eoh_context, size * sizeof(uint32));
			set->index_size = size;
		}
		index->slots = set->index;
	}
	memset(index->slots, 0, size * sizeof(uint32));
}

static void
index_end(FirstLoanSet *set)
{
	if (set->log2parts == 0 && set->index)
	{
		set_charge(set, set->index_size * sizeof(uint32), 0);
		pfree(set->index);
		set->index = NULL;
		set->index_size = 0;
	}
}

/* A partition now has so many members, and no row that waits. */
static void
part_has(FirstLoanSet *set, SetPart *part, uint32 n)
{
	SetTail    *tail = &set->tails[part - set->parts];

	set->members += n;
	set->members -= part->n;
	part->n = part->limit = n;
	tail->next = tail->end = NULL;

	/* as many rows may wait as there are members */
	part->settle_at = Max((Size) n * 2, FIRST_SIZE);

	/* the chunks of rows that are gone are of use to other partitions */
	while (set->log2parts > 0 && part->size - n > SET_CHUNK)
	{
		part->size -= SET_CHUNK;
		chunk_give_back(set, part->chunks[--part->nchunks]);
	}
}

#define read_ahead(part, i, end, stride) \
	do { \
		if ((i) + AHEAD < (end)) \
			prefetch(set_entry_of(stride, part, (i) + AHEAD)); \
	} while (0)

/* Have two entries that are simple one borrower? */
static pg_attribute_always_inline bool
simple_keys_equal(Size stride, const SetEntry *a, const SetEntry *b)
{
	if (stride == sizeof(SetNarrowEntry))
		return ((const SetNarrowEntry *) a)->key == ((const SetNarrowEntry *) b)->key &&
			((const SetNarrowEntry *) a)->more == ((const SetNarrowEntry *) b)->more;
	return a->key[0] == b->key[0] && a->key[1] == b->key[1];
}

/*
 * Take in the entries of another partition or, where it is the same, its own
 * rows that wait, "first" and on to "end".  A new borrower becomes a member; of
 * a known one the first of two borrowings is kept.  "simple", a constant, says
 * that keys and references are in the entries, and are numbers.
 */
static pg_attribute_always_inline void
part_absorb_as(bool simple, Size stride, FirstLoanSet *set, SetPart *part,
			   const FirstLoanSet *from_set, const SetPart *from_part,
			   uint32 first, uint32 end, const uint32 *renumber)
{
	Size		from_stride = simple ? stride : from_set->stride;
	Size		to_stride = simple ? stride : set->stride;
	uint32		n = part->n;
	PartIndex	index;
	uint32	   *slots;
	uint32		mask;
	uint64		hashes[ABSORB_GROUP];

	index_begin(set, &index, (Size) n + (end - first));
	slots = index.slots;
	mask = index.mask;
	for (uint32 i = 0; i < n; i++)
	{
		uint64		hash = index_hash(simple, stride, set, set_entry_of(to_stride, part, i));
		uint32		slot = (uint32) hash & mask;

		read_ahead(part, i, n, to_stride);
		while (slots[slot] != 0)
			slot = (slot + 1) & mask;
		slots[slot] = index_tag(hash, mask) | (i + 1);
	}

	for (uint32 group = first, size; group < end; group += size)
	{
		size = Min(ABSORB_GROUP, end - group);

		/* what each needs is asked for before the first is looked at */
		for (uint32 i = 0; i < size; i++)
		{
			hashes[i] = index_hash(simple, stride, from_set,
								   set_entry_of(from_stride, from_part, group + i));
			prefetch(&slots[(uint32) hashes[i] & mask]);
			read_ahead(from_part, group + i, end, from_stride);
		}
		for (uint32 i = 0; i < size; i++)
		{
			uint32		found = slots[(uint32) hashes[i] & mask];

			if (found != 0)
				prefetch(set_entry_of(to_stride, part, (found & mask) - 1));
		}

		for (uint32 i = 0; i < size; i++)
		{
			const SetEntry *from = set_entry_of(from_stride, from_part, group + i);
			uint32		tag = index_tag(hashes[i], mask);
			uint32		slot = (uint32) hashes[i] & mask;
			uint32		found;
			SetEntry   *entry = NULL;

			if (!simple && from_part != part && from_part->arena_used > 0)
				part_need_arena(set, part, entry_arena_space(from_set, from_part, from));
			for (; (found = slots[slot]) != 0; slot = (slot + 1) & mask)
			{
				if ((found & ~mask) != tag)
					continue;
				entry = set_entry_of(to_stride, part, (found & mask) - 1);
				if (simple ? simple_keys_equal(stride, entry, from) :
					keys_equal(set, part, entry, from_part, from))
					break;
			}
			if (found != 0)
			{
				meet(simple, stride, set, part, entry,
					 from_set, from_part, from, renumber);
				continue;
			}

			if (n == part->size)
				part_grow(set, part);
			entry = set_entry_of(to_stride, part, n);
			if (simple && stride <= sizeof(SetEntry))
				memcpy(entry, from, stride);
			else if (entry != from)
				take_entry(set, part, entry, from_set, from_part, from, renumber);
			slots[slot] = tag | ++n;
			if (from_part != part)
				part->limit = n;
		}
	}
	part_has(set, part, n);
	index_end(set);
}

static void
part_absorb(FirstLoanSet *set, SetPart *part, const FirstLoanSet *from_set,
			const SetPart *from_part, uint32 first, uint32 end,
			const uint32 *renumber)
{
	bool		simple = part->arena_used == 0 && from_part->arena_used == 0 &&
		set->has_extra == from_set->has_extra &&
		set->layout.ref_class == SET_REF_INT &&
		set->layout.key_class != SET_KEY_GENERIC;

	if (set->narrow)
		part_absorb_as(true, sizeof(SetNarrowEntry), set, part,
					   from_set, from_part, first, end, renumber);
	else if (simple && !set->has_extra)
		part_absorb_as(true, sizeof(SetEntry), set, part,
					   from_set, from_part, first, end, renumber);
	else if (simple)
		part_absorb_as(true, SET_STRIDE_EXTRA, set, part,
					   from_set, from_part, first, end, renumber);
	else
		part_absorb_as(false, 0, set, part, from_set, from_part, first, end, renumber);
}

static void
part_settle(FirstLoanSet *set, SetPart *part)
{
	uint32		filled = part_filled(set, part);

	if (part->n < filled)
		part_absorb(set, part, set, part, part->n, filled, NULL);
	else
		part_has(set, part, filled);
}

/* Fill an empty partition with the members of another. */
static void
part_copy(FirstLoanSet *set, SetPart *part, const FirstLoanSet *from_set,
		  const SetPart *from, const uint32 *renumber)
{
	while (part->size < from->n)
		part_grow(set, part);
	part_has(set, part, from->n);
	for (uint32 i = 0; i < from->n; i += set->has_extra ? 1 : SET_CHUNK)
	{
		SetEntry   *to = set_entry(set, part, i);
		const SetEntry *entry = set_entry(from_set, from, i);

		if (set->has_extra)
		{
			*to = *entry;
			*set_entry_extra(to) = extra_of(from_set, entry, renumber);
		}
		else
			memcpy(to, entry, Min(SET_CHUNK, from->n - i) * set->stride);
	}
	if (from->arena_used > 0)
	{
		part_need_arena(set, part, from->arena_used);
		memcpy(part->arena, from->arena, from->arena_used);
		part->arena_used = from->arena_used;
		part->arena_garbage = from->arena_garbage;
	}
}

/*
 * Rows whose key and reference are in their entries come to one place, and go to
 * their partitions from there, some together: what one waits for, the memory
 * or a product, does not hold up the others, nor the scan between two rows.
 */
#define GATHERED		128

static void
set_gather(FirstLoanSet *set)
{
	Size		bytes = (Size) GATHERED * set->row_stride;

	set_charge(set, set->gather.end - set->gathered, bytes);
	if (set->gathered)
		pfree(set->gathered);
	set->gathered = MemoryContextAlloc(set->hdr.eoh_context, bytes);
	set->gather.next = set->gathered;
	set->gather.end = set->gathered + bytes;
	set->incoming = &set->gather;
}

/*
 * The form of entries.  A set of several partitions has narrow ones, until it is
 * given a key that is not.
 */
static void
set_choose_form(FirstLoanSet *set, bool has_extra)
{
	set->has_extra = has_extra;
	set->row_stride = set_stride(false, has_extra);
	set->narrow = set->log2parts > 0 && !has_extra && !set->wide_key &&
		set_layout_may_be_narrow(&set->layout);
	set->stride = set_stride(set->narrow, has_extra);
}

static bool
part_may_be_narrow(const FirstLoanSet *set, const SetPart *part)
{
	for (uint32 i = 0; i < part->n; i++)
	{
		const SetEntry *entry = set_entry(set, part, i);

		if (!entry_may_be_narrow(set->layout.key_class, entry) ||
			entry->when != (int32) entry->when)
			return false;
	}
	return true;
}

/* Divide the set into 2^log2parts partitions, or change the form of its entries. */
static void
set_rebuild(FirstLoanSet *set, int log2parts, bool has_extra)
{
	FirstLoanSet old;
	Size		memory;
	bool		same_chunks;

	set_settle(set);
	if (set->log2parts == 0 && !part_may_be_narrow(set, &set->parts[0]))
		set->wide_key = true;
	old = *set;
	memory = old.memory;
	set->log2parts = log2parts;
	set_choose_form(set, has_extra);
	same_chunks = set->stride == old.stride && old.log2parts > 0;
	set->members = 0;
	set->parts = MemoryContextAllocZero(set->hdr.eoh_context,
										sizeof(SetPart) << log2parts);
	set->tails = MemoryContextAllocZero(set->hdr.eoh_context,
										sizeof(SetTail) << log2parts);
	if (!same_chunks)
	{
		set->slabs = NULL;
		set->free_chunks = NULL;
		set->slab_left = 0;
	}
	for (uint32 i = 0; i < set_nparts(&old); i++)
	{
		SetPart    *from = &old.parts[i];

		CHECK_FOR_INTERRUPTS();
		for (uint32 j = 0; j < from->n; j++)
		{
			SetEntry	buf;
			const SetEntry *entry = wide_entry(&old, set_place(&old, from, j), &buf);
			SetPart    *part = &set->parts[part_of_entry(set, &old, entry)];

			if (from->arena_used > 0)
				part_need_arena(set, part, entry_arena_space(&old, from, entry));
			if (part->limit == part->size)
				part_grow(set, part);
			if (set->narrow)
				narrow_entry(set->layout.key_class, set_place(set, part, part->limit), entry);
			else
				take_entry(set, part, set_entry(set, part, part->limit), &old, from, entry, NULL);
			part->limit++;
		}
		part_free(same_chunks ? set : &old, from);
	}
	if (old.parts != &set->first_part)
	{
		pfree(old.parts);
		pfree(old.tails);
	}
	if (log2parts > 0)
		set_gather(set);
	else
		set->incoming = set->tails;
	if (!same_chunks)
	{
		while (old.slabs)
		{
			SetSlab    *slab = old.slabs;

			old.slabs = slab->next;
			set_charge(&old, slab->size, 0);
			pfree(slab);
		}
		set_charge(set, memory - old.memory, 0);
	}

	/*
	 * Partitions fill at one pace.  The first time they are settled one after
	 * the other, so that at no time many of them have many rows that wait:
	 * half as many as members in all.
	 */
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		SetPart    *part = &set->parts[i];

		part_has(set, part, part->limit);
		part->settle_at -= (Size) (((uint64) part->n * i) >> log2parts);
	}
}

/* ---------- rows that wait ---------- */

/* Divide partitions that have grown too large to be settled in cache. */
static void
set_consider_split(FirstLoanSet *set)
{
	uint64		most = set->log2parts == 0 ? FIRST_SPLIT : (uint64) PART_TARGET << set->log2parts;

	if (set->members > most && set->log2parts + SPLIT_LOG2 <= MAX_LOG2PARTS)
		set_rebuild(set, set->log2parts + SPLIT_LOG2, set->has_extra);
}

/* Room for a row in a partition, and for its blobs in the arena. */
static void
part_make_room(FirstLoanSet *set, SetPart *part, Size bytes)
{
	SetTail    *tail;
	uint32		filled = part_filled(set, part);

	if (filled >= part->settle_at || part->arena_size - part->arena_used < bytes)
	{
		CHECK_FOR_INTERRUPTS();
		part_settle(set, part);
		filled = part->n;
	}
	part_need_arena(set, part, bytes);
	if (filled == part->size)
		part_grow(set, part);
	part->limit = Min(Min(part->size, part->settle_at), (filled | (SET_CHUNK - 1)) + 1);
	tail = &set->tails[part - set->parts];
	tail->next = (char *) set_entry(set, part, filled);
	tail->end = tail->next + (Size) (part->limit - filled) * set->stride;
}

/* False, and nothing done, if the entries are narrow and one of the keys is not. */
static pg_attribute_always_inline bool
distribute(FirstLoanSet *set, Size stride, SetKeyClass key_class)
{
	Size		row_stride = Max(stride, sizeof(SetEntry));
	uint32		numbers[GATHERED];
	uint32		n = (uint32) ((Size) (set->gather.next - set->gathered) / row_stride);
	bool		narrow = stride == sizeof(SetNarrowEntry);
	bool		fit = true;

	for (uint32 i = 0; i < n; i++)
	{
		const SetEntry *row = (const SetEntry *) (set->gathered + i * row_stride);

		fit &= !narrow || entry_may_be_narrow(key_class, row);
		numbers[i] = part_of_key(set, row->key[0], row->key[1]);

		/* the line where it begins, if another, is the last row's */
		prefetch(set->tails[numbers[i]].next + stride - 1);
	}
	if (!fit)
		return false;
	for (uint32 i = 0; i < n; i++)
	{
		const char *row = set->gathered + i * row_stride;
		SetTail    *tail = &set->tails[numbers[i]];

		if (unlikely(tail->next == tail->end))
			part_make_room(set, &set->parts[numbers[i]], 0);
		if (narrow)
			narrow_entry(key_class, (SetNarrowEntry *) tail->next, (const SetEntry *) row);
		else
			memcpy(tail->next, row, stride);
		tail->next += stride;
	}
	set->gather.next = set->gathered;
	return true;
}

/* One of the keys is not narrow: no entry is, from now on. */
static pg_noinline void
set_widen(FirstLoanSet *set)
{
	char		rows[GATHERED * sizeof(SetEntry)];
	Size		bytes = set->gather.next - set->gathered;

	Assert(bytes <= sizeof(rows));
	memcpy(rows, set->gathered, bytes);
	set->gather.next = set->gathered;
	set->wide_key = true;
	set_rebuild(set, set->log2parts, set->has_extra);
	memcpy(set->gathered, rows, bytes);
	set->gather.next += bytes;
}

/* Bring the rows that were gathered to their partitions. */
void
set_distribute(FirstLoanSet *set)
{
	if (set->gather.next == set->gathered)
		return;
	if (set->narrow)
	{
		if (set->layout.key_class == SET_KEY_TEXT ?
			distribute(set, sizeof(SetNarrowEntry), SET_KEY_TEXT) :
			distribute(set, sizeof(SetNarrowEntry), SET_KEY_FIXED))
			return;
		set_widen(set);
	}
	if (set->has_extra)
		distribute(set, SET_STRIDE_EXTRA, set->layout.key_class);
	else
		distribute(set, sizeof(SetEntry), set->layout.key_class);
}

/*
 * The place for a row that waits whose key or reference is out of line: behind
 * the members of its partition, with room in the arena.  No entry is narrow then,
 * nor becomes so when the set is divided here.
 */
static SetEntry *
set_wait(FirstLoanSet *set, const FirstLoanSet *of, const SetEntry *entry,
		 Size bytes, SetPart **part)
{
	uint32		number;
	SetTail    *tail;
	SetEntry   *place;

	if (set->narrow)
		set_widen(set);
	set->wide_key = true;
	number = part_of_entry(set, of, entry);
	*part = &set->parts[number];
	if (set->tails[number].next == set->tails[number].end ||
		(*part)->arena_size - (*part)->arena_used < bytes)
	{
		set_consider_split(set);
		number = part_of_entry(set, of, entry);
		*part = &set->parts[number];
		part_make_room(set, *part, bytes);
	}
	tail = &set->tails[number];
	place = (SetEntry *) tail->next;
	tail->next += set->stride;
	return place;
}

/* Room where the next usual row is put: behind the only partition's, or to gather. */
static pg_noinline void
set_make_room(FirstLoanSet *set)
{
	if (set->log2parts > 0)
		set_distribute(set);
	else
		part_make_room(set, &set->parts[0], 0);
	set_consider_split(set);
}

/* Bring every row to its place. */
void
set_settle(FirstLoanSet *set)
{
	set_distribute(set);
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		CHECK_FOR_INTERRUPTS();
		part_settle(set, &set->parts[i]);
	}
}

/* ---------- the set ---------- */

/* Make an empty set in a context of its own. */
FirstLoanSet *
set_create(MemoryContext parent, const SetLayout *layout)
{
	return set_create_in(AllocSetContextCreate(parent, "first_loan_set",
											   ALLOCSET_SMALL_SIZES), layout);
}

/*
 * Make an empty set for an aggregate.  All sets of one aggregate context share
 * one child of it: hash aggregation adds up its contexts for each new group,
 * and with a context a group would take quadratic time.  The executor frees
 * them all at once, and never one: a transition function returns the pointer
 * it was given.
 */
FirstLoanSet *
set_create_for_aggregate(MemoryContext aggregate, const SetLayout *layout)
{
	static const char *const name = "first_loan_set of all groups";
	MemoryContext context;

	for (context = aggregate->firstchild; context; context = context->nextchild)
	{
		if (context->name == name)
			break;
	}
	if (context == NULL)
	{
		context = AllocSetContextCreateInternal(aggregate, name,
												ALLOCSET_DEFAULT_SIZES);
	}
	return set_create_in(context, layout);
}

static FirstLoanSet *
set_create_in(MemoryContext context, const SetLayout *layout)
{
	FirstLoanSet *set = MemoryContextAllocZero(context, sizeof(FirstLoanSet));

	/* before the first hash is taken */
	while (unlikely(index_salt[0] == 0))
	{
		if (!pg_strong_random(index_salt, sizeof(index_salt)))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not generate random values")));
	}

	EOH_init_header(&set->hdr, &set_methods, context);
	set->layout = *layout;
	set_choose_form(set, OidIsValid(layout->institution.typid));

	/* other than that of earlier versions, which hashed in another way */
	set->seed = mix64(~GetSystemIdentifier());
	set->second_seed = mix64(set->seed);
	set->parts = &set->first_part;
	set->tails = set->incoming = &set->first_tail;
	set->last_institution = SET_NO_INSTITUTION;
	return set;
}

/* Give every entry what some need. */
static void
set_require_extra(FirstLoanSet *set)
{
	if (set->has_extra)
		return;
	set_rebuild(set, set->log2parts, true);
	set->flat_size = 0;
}

/* Number of an institution in the dictionary, where it is put if new. */
uint32
set_intern_institution(FirstLoanSet *set, Datum value)
{
	SetInstitution *institution;
	const char *data;
	Size		len;
	uint32		hash;
	uint32		slot;
	uint32		mask;

	value_image(&set->layout.institution, &value, &data, &len);

	/* files come sorted by institution more often than not */
	if (set->last_institution != SET_NO_INSTITUTION)
	{
		institution = &set->institutions[set->last_institution];
		if (institution->length == len && memcmp(institution->image, data, len) == 0)
			return set->last_institution;
	}

	hash = hash_bytes((const unsigned char *) data, (int) len);
	if (set->ninstitutions * 2 >= set->institution_table_size)
	{
		uint32		size = Max(16, set->institution_table_size * 2);

		if (size > PG_INT32_MAX / 2)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("first-loan set has too many institutions")));
		if (set->institution_table)
			pfree(set->institution_table);
		set->institution_table =
			MemoryContextAllocExtended(set->hdr.eoh_context, size * sizeof(uint32),
									   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		set->institution_table_size = size;
		mask = size - 1;
		for (uint32 i = 0; i < set->ninstitutions; i++)
		{
			slot = set->institutions[i].hash & mask;
			while (set->institution_table[slot])
				slot = (slot + 1) & mask;
			set->institution_table[slot] = i + 1;
		}
		set->institutions = set->institutions ?
			repalloc_huge(set->institutions, size / 2 * sizeof(SetInstitution)) :
			MemoryContextAllocHuge(set->hdr.eoh_context,
								   size / 2 * sizeof(SetInstitution));
	}

	mask = set->institution_table_size - 1;
	slot = hash & mask;
	while (set->institution_table[slot])
	{
		uint32		number = set->institution_table[slot] - 1;

		institution = &set->institutions[number];
		if (institution->hash == hash && institution->length == len &&
			memcmp(institution->image, data, len) == 0)
			return set->last_institution = number;
		slot = (slot + 1) & mask;
	}

	institution = &set->institutions[set->ninstitutions];
	institution->hash = hash;
	institution->length = len;
	if (set->layout.institution.typbyval)
	{
		Datum	   *copy = MemoryContextAlloc(set->hdr.eoh_context, sizeof(Datum));

		*copy = value;
		institution->value = value;
		institution->image = (const char *) copy;
	}
	else
	{
		Size		header = set->layout.institution.typlen == -1 ? VARHDRSZ : 0;
		char	   *copy = MemoryContextAlloc(set->hdr.eoh_context, header + len);

		if (header)
			SET_VARSIZE(copy, header + len);
		memcpy(copy + header, data, len);
		institution->value = PointerGetDatum(copy);
		institution->image = copy + header;
	}
	set->institution_table[slot] = ++set->ninstitutions;
	set->flat_size = 0;
	return set->last_institution = set->ninstitutions - 1;
}

static uint64
generic_hash(const FirstLoanSet *set, Datum value)
{
	const SetColumn *column = &set->layout.borrower;

	if (OidIsValid(column->tc->hash_extended_proc_finfo.fn_oid))
		return DatumGetUInt64(FunctionCall2Coll(&column->tc->hash_extended_proc_finfo,
												column->collation, value,
												UInt64GetDatum(set->seed)));
	return DatumGetUInt32(FunctionCall1Coll(&column->tc->hash_proc_finfo,
											column->collation, value));
}

/* The key of the usual row: a number, or text that is an identifier. */
static pg_attribute_always_inline bool
usual_key(const FirstLoanSet *set, Datum borrower, uint64 *key0, uint64 *key1)
{
	if (set->layout.key_class == SET_KEY_TEXT)
	{
		struct varlena *text = (struct varlena *) DatumGetPointer(borrower);

		return !VARATT_IS_EXTERNAL(text) && !VARATT_IS_COMPRESSED(text) &&
			pack_text(key0, key1, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
	}
	if (set->layout.key_class == SET_KEY_FIXED &&
		set->layout.borrower.typlen == 8 && set->layout.borrower.typbyval)
	{
		*key0 = (uint64) DatumGetInt64(borrower);
		*key1 = 0;
		return true;
	}
	return false;
}

/* What of a row is not in its entry already. */
static inline SetExtra
extra_of_row(FirstLoanSet *set, const SetRow *row)
{
	SetExtra	extra = {0};

	extra.institution = row->institution_is_null ? SET_NO_INSTITUTION :
		set_intern_institution(set, row->institution);
	extra.eligible = row->eligible;
	extra.ref_is_null = row->ref_is_null;
	return extra;
}

/* Put a row, whose key and reference fit into its entry, to the others that wait. */
static pg_attribute_always_inline void
set_put(FirstLoanSet *set, uint64 key0, uint64 key1, int64 when, int64 ref,
		const SetExtra *extra)
{
	SetEntry   *place;

	if (unlikely(set->incoming->next == set->incoming->end))
		set_make_room(set);
	place = (SetEntry *) set->incoming->next;
	set->incoming->next += set->row_stride;
	place->key[0] = key0;
	place->key[1] = key1;
	place->when = when;
	place->ref = ref;
	if (set->has_extra)
		*set_entry_extra(place) = *extra;
	set->flat_size = 0;
}

static pg_noinline void
set_add_any(FirstLoanSet *set, const SetRow *row)
{
	const SetColumn *borrower = &set->layout.borrower;
	SetEntry	entry;
	SetExtra	extra = {0};
	SetEntry   *place;
	SetPart    *part;
	Datum		key_value = row->borrower;
	Datum		ref_value = row->ref;
	const char *key_data = NULL;
	const char *ref_data = NULL;
	Size		key_len = 0;
	Size		ref_len = 0;
	Size		bytes = 0;
	bool		key_out = false;

	entry.key[0] = entry.key[1] = 0;
	switch (set->layout.key_class)
	{
		case SET_KEY_FIXED:
			if (!borrower->typbyval)
				memcpy(entry.key, DatumGetPointer(key_value), borrower->typlen);
			else if (borrower->typlen == 8)
				entry.key[0] = (uint64) DatumGetInt64(key_value);
			else if (borrower->typlen == 4)
				entry.key[0] = (uint64) (int64) DatumGetInt32(key_value);
			else if (borrower->typlen == 2)
				entry.key[0] = (uint64) (int64) DatumGetInt16(key_value);
			else
				entry.key[0] = (uint64) (int64) DatumGetChar(key_value);
			break;
		case SET_KEY_TEXT:
			value_image(borrower, &key_value, &key_data, &key_len);
			if (pack_text(&entry.key[0], &entry.key[1], key_data, key_len))
				break;
			if (key_len <= SET_SHORT_TEXT_MAX)
			{
				memcpy(entry.key, key_data, key_len);
				entry.key[1] |= TAG_WORD(key_len);
			}
			else
			{
				entry.key[0] = hash_bytes_extended((const unsigned char *) key_data,
												   (int) key_len, set->seed);
				entry.key[1] = TAG_WORD(SET_TAG_LONG);
				key_out = true;
			}
			break;
		case SET_KEY_GENERIC:
			value_image(borrower, &key_value, &key_data, &key_len);
			entry.key[0] = generic_hash(set, row->borrower);
			key_out = true;
			break;
	}
	if (key_out)
		bytes += blob_space(borrower, key_len);

	entry.when = row->when;
	entry.ref = 0;
	if (!row->ref_is_null)
	{
		if (set->layout.ref_class == SET_REF_GENERIC)
		{
			value_image(&set->layout.ref, &ref_value, &ref_data, &ref_len);
			bytes += blob_space(&set->layout.ref, ref_len);
		}
		else if (set->layout.ref.typlen == 8)
			entry.ref = DatumGetInt64(ref_value);
		else if (set->layout.ref.typid == OIDOID)
			entry.ref = (int64) DatumGetObjectId(ref_value);
		else if (set->layout.ref.typlen == 4)
			entry.ref = DatumGetInt32(ref_value);
		else if (set->layout.ref.typlen == 2)
			entry.ref = DatumGetInt16(ref_value);
		else
			entry.ref = DatumGetBool(ref_value);
	}
	else
		set_require_extra(set);

	/* nothing fails once there is a place for it */
	if (set->has_extra)
		extra = extra_of_row(set, row);
	if (bytes == 0)
	{
		set_put(set, entry.key[0], entry.key[1], entry.when, entry.ref, &extra);
		return;
	}
	place = set_wait(set, set, &entry, bytes, &part);
	if (key_out)
		set_key_offset(set, &entry, blob_put(part, borrower, key_data, key_len));
	if (ref_data)
		entry.ref = (int64) blob_put(part, &set->layout.ref, ref_data, ref_len);
	*place = entry;
	if (set->has_extra)
		*set_entry_extra(place) = extra;
	set->flat_size = 0;
}

/*
 * Add a row.  The usual one, whose key and reference fit into its entry, takes a
 * short way to the others that wait.
 */
void
set_add(FirstLoanSet *set, const SetRow *row)
{
	uint64		key0;
	uint64		key1;
	SetExtra	extra = {0};

	if (row->ref_is_null || set->layout.ref_class != SET_REF_INT ||
		set->layout.ref.typlen != 8 || !usual_key(set, row->borrower, &key0, &key1))
	{
		set_add_any(set, row);
		return;
	}
	if (set->has_extra)
		extra = extra_of_row(set, row);
	set_put(set, key0, key1, row->when, DatumGetInt64(row->ref), &extra);
}

int64
set_cardinality(FirstLoanSet *set)
{
	set_settle(set);
	return (int64) set->members;
}

/* Settle a partition, and leave no garbage, for what is to be stored. */
void
set_trim_part(FirstLoanSet *set, SetPart *part)
{
	CHECK_FOR_INTERRUPTS();
	part_settle(set, part);
	if (part->arena_garbage > 0)
		part_rebuild_arena(set, part, 0);
}

/*
 * Free what is large of a set that is not used again, before its context goes:
 * what comes next needs as much.
 */
void
set_release(FirstLoanSet *set)
{
	set->released = true;
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		if (set->parts[i].arena)
			pfree(set->parts[i].arena);
	}
	while (set->slabs)
	{
		SetSlab    *slab = set->slabs;

		set->slabs = slab->next;
		pfree(slab);
	}
}

/* The final function tests one period: every row must give the same. */
void
set_check_period(const FirstLoanSet *set, const SetPeriod *period)
{
	if (set->period.kind != period->kind ||
		set->period.lower != period->lower ||
		set->period.upper != period->upper)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the period of a first-loan aggregate must be the same in every row"),
				 errhint("Group by the period, or make a first_loan_set and read it with one period after the other.")));
}

/* A partition of another set in another form of entries, narrow or wide. */
typedef struct Converted
{
	FirstLoanSet set;			/* that it seems to be of */
	SetPart		part;
	char	   *entries;
	uint32		size;
} Converted;

static void
part_convert(Converted *to, const FirstLoanSet *set, const SetPart *part)
{
	SetKeyClass key_class = set->layout.key_class;

	to->set = *set;
	to->set.narrow = !set->narrow;
	to->set.stride = set_stride(to->set.narrow, set->has_extra);
	if (to->size < part->n)
	{
		to->size = part->n + part->n / 2;
		to->entries = MemoryContextAllocHuge(CurrentMemoryContext, to->size * sizeof(SetEntry));
		to->part.chunks = palloc((to->size / SET_CHUNK + 1) * sizeof(char *));
		for (uint32 i = 0; i <= to->size / SET_CHUNK; i++)
			to->part.chunks[i] = to->entries + i * chunk_size(&to->set);
	}
	to->part.n = part->n;
	for (uint32 i = 0; i < part->n; i++)
	{
		if (set->narrow)
			*set_entry(&to->set, &to->part, i) = widen_entry(key_class, set_place(set, part, i));
		else
			narrow_entry(key_class, set_place(&to->set, &to->part, i), set_entry(set, part, i));
	}
}

/*
 * Put the members of a partition to the rows that wait.  The set may be divided, or
 * change its form, between two of them.
 */
static void
part_put(FirstLoanSet *set, const FirstLoanSet *from_set, const SetPart *from,
		 const uint32 *renumber)
{
	for (uint32 i = 0; i < from->n; i++)
	{
		SetEntry	buf;
		const void *from_place = set_place(from_set, from, i);
		const SetEntry *entry = wide_entry(from_set, from_place, &buf);
		Size		bytes = from->arena_used == 0 ? 0 :
			entry_arena_space(from_set, from, entry);

		if (bytes == 0)
		{
			SetExtra	extra = extra_of(from_set, from_place, renumber);

			set_put(set, entry->key[0], entry->key[1], entry->when, entry->ref, &extra);
		}
		else
		{
			SetPart    *part;
			SetEntry   *place = set_wait(set, from_set, entry, bytes, &part);

			take_entry(set, part, place, from_set, from, entry, renumber);
		}
	}
}

/*
 * Bring the members of source into target.  The layouts are the same, in class
 * too; source is only read, and may be a view of a flat set.
 */
void
set_merge(FirstLoanSet *target, const FirstLoanSet *source)
{
	uint32	   *renumber = NULL;
	Converted	converted = {0};

	set_check_period(target, &source->period);
	if (source->has_extra)
		set_require_extra(target);
	if (source->ninstitutions > 0)
	{
		renumber = MemoryContextAllocHuge(CurrentMemoryContext,
										  source->ninstitutions * sizeof(uint32));
		for (uint32 i = 0; i < source->ninstitutions; i++)
			renumber[i] = set_intern_institution(target, source->institutions[i].value);
	}

	if (target->log2parts < source->log2parts)
		set_rebuild(target, source->log2parts, target->has_extra);

	for (uint32 i = 0; i < set_nparts(source); i++)
	{
		const SetPart *from = set_source_part(source, i);
		const FirstLoanSet *of = source;
		SetPart    *part = &target->parts[i];

		CHECK_FOR_INTERRUPTS();
		if (target->log2parts != source->log2parts ||
			(from->n <= part->n / 2 && part_filled(target, part) > 0))
		{
			/* few beside many wait */
			part_put(target, source, from, renumber);
			continue;
		}
		if (target->narrow && !source->narrow && !part_may_be_narrow(source, from))
		{
			set_widen(target);
			part = &target->parts[i];
		}
		if (target->narrow != source->narrow)
		{
			part_convert(&converted, source, from);
			from = &converted.part;
			of = &converted.set;
		}
		if (part_filled(target, part) == 0)
			part_copy(target, part, of, from, renumber);
		else
		{
			part_settle(target, part);
			part_absorb(target, part, of, from, 0, from->n, renumber);
		}
	}
	set_consider_split(target);
	if (renumber)
		pfree(renumber);
	target->flat_size = 0;
}
