/*
 * set_core.c
 *		Adding rows to a set, compacting its partitions, merging sets.
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

static FirstLoanSet *set_create_in(MemoryContext context,
								   const SetLayout *layout);

#define FIRST_SIZE		8		/* groups can be many, and small */
#define BATCH			256		/* rows that are looked up together */
#define PART_TARGET		1048576	/* members of a partition before a split */
#define SPLIT_LOG2		3
#define MAX_LOG2PARTS	16

/* ---------- keys ---------- */

#ifdef WORDS_BIGENDIAN
#define TAG_WORD(tag)		((uint64) (tag))
#define OFFSET_WORD(offset) ((uint64) (offset) << 8)
#define WORD_OFFSET(word)	((Size) ((word) >> 8))
#else
#define TAG_WORD(tag)		((uint64) (tag) << 56)
#define OFFSET_WORD(offset) ((uint64) (offset))
#define WORD_OFFSET(word)	((Size) ((word) & ((UINT64CONST(1) << 56) - 1)))
#endif

/* The last of the 16 bytes of a text key says what the others are. */
#define KEY_TAG(entry) (((const uint8 *) (entry)->key)[15])

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

/*
 * Where an entry belongs.  The seed differs from cluster to cluster, so that
 * no one can make keys that collide without knowing the cluster.
 */
static inline uint64
entry_hash(const FirstLoanSet *set, const SetEntry *entry)
{
	uint64		second = key_is_out_of_line(set, entry) ? 0 : entry->key[1];

	return mix64(entry->key[0] ^ mix64(second ^ set->seed));
}

static inline uint32
part_number(const FirstLoanSet *set, uint64 hash)
{
	/* two shifts, as a shift by 64 is undefined */
	return (uint32) ((hash >> 1) >> (63 - set->log2parts));
}

/*
 * The slot where the search begins: the bits after those of the partition,
 * scaled to its size.  Slots thus follow the order of the hashes, and growing,
 * splitting and merging read and write from front to back.
 */
static inline uint32
first_slot(const FirstLoanSet *set, const SetPart *part, uint64 hash)
{
	uint64		rest = (hash << set->log2parts) >> 32;

	return (uint32) ((rest * part->size) >> 32);
}

/* ---------- text of 16 to 20 characters in 15 bytes ---------- */

/*
 * Identifiers are digits and capitals: the 64 characters from '0' to 'o' take
 * six bits each.  Eight of them at a time, as bytes of one word.
 */
#define EACH(byte) (UINT64CONST(0x0101010101010101) * (byte))

static inline bool
six_bits_each(uint64 word)
{
	return (word & EACH(0x80)) == 0 && ((word + EACH(0x10)) & EACH(0xC0)) == EACH(0x40);
}

static inline uint64
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

/* Fill in the key and return true, or return false. */
static inline bool
pack_text(uint64 key[2], const char *data, Size len)
{
	uint64		first;
	uint64		second;
	uint64		last = EACH('0');

	if (len <= SET_SHORT_TEXT_MAX || len > SET_PACKED_TEXT_MAX)
		return false;
	memcpy(&first, data, 8);
	memcpy(&second, data + 8, 8);
	memcpy(&last, data + 16, len - 16);
	if (!six_bits_each(first) || !six_bits_each(second) || !six_bits_each(last))
		return false;
	first = pack_six_bits(first);
	second = pack_six_bits(second);
	last = pack_six_bits(last);
#ifdef WORDS_BIGENDIAN
	last >>= 24;				/* the characters are the high half */
#endif
	key[0] = first | second << 48;
	key[1] = TAG_WORD(len) | OFFSET_WORD(second >> 16 | (last & 0xFFFFFF) << 32);
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

/* Can entries of this set have anything in the arena? */
static inline bool
set_uses_arena(const FirstLoanSet *set)
{
	return set->layout.key_class != SET_KEY_FIXED ||
		set->layout.ref_class == SET_REF_GENERIC;
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
				   const SetEntry *entry, SetKeyBuffer *buf)
{
	const SetColumn *column = &set->layout.borrower;

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
			  const SetEntry *entry, bool *isnull)
{
	*isnull = ref_is_null(set, entry);
	if (*isnull)
		return (Datum) 0;
	if (set->layout.ref_class == SET_REF_INT)
		return set_ref_datum(set, entry->ref);
	return blob_value(part, &set->layout.ref, (Size) entry->ref);
}

void
set_entry_row(const FirstLoanSet *set, const SetPart *part,
			  const SetEntry *entry, SetKeyBuffer *buf, SetRow *row)
{
	row->borrower = set_entry_borrower(set, part, entry, buf);
	row->when = entry->when;
	row->ref = set_entry_ref(set, part, entry, &row->ref_is_null);
	row->institution_is_null = true;
	row->institution = (Datum) 0;
	row->eligible = SET_ELIGIBLE_TRUE;
	if (set->has_extra)
	{
		SetExtra   *extra = set_entry_extra(entry);

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
	if (entry->when == SET_EMPTY_SLOT)
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
set_entry_cmp(const FirstLoanSet *set, const SetPart *apart, const SetEntry *a,
			  const SetPart *bpart, const SetEntry *b)
{
	return borrowing_cmp(set, apart, a, set, bpart, b, NULL);
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

static inline void
copy_slot(const FirstLoanSet *set, SetEntry *to, const SetEntry *from)
{
	*to = *from;
	if (set->has_extra)
		*set_entry_extra(to) = *set_entry_extra(from);
}

/* The first free slot for a hash that is not in the partition yet. */
static inline SetEntry *
free_slot(const FirstLoanSet *set, SetPart *part, uint64 hash)
{
	uint32		slot = first_slot(set, part, hash);

	while (set_entry(set, part, slot)->when != SET_EMPTY_SLOT)
	{
		if (++slot == part->size)
			slot = 0;
	}
	return set_entry(set, part, slot);
}

/*
 * Slots are looked up at random: with small pages most of the time would go
 * into finding the page.  The kernel may or may not follow the advice.
 */
static void
advise_huge_pages(char *memory, Size size)
{
#ifdef MADV_HUGEPAGE
	const Size	huge = 2 * 1024 * 1024;
	char	   *start = (char *) TYPEALIGN(huge, (uintptr_t) memory);
	char	   *end = (char *) TYPEALIGN_DOWN(huge, (uintptr_t) (memory + size));

	if (start < end)
		(void) madvise(start, end - start, MADV_HUGEPAGE);
#endif
}

static void
part_allocate(FirstLoanSet *set, SetPart *part, Size size)
{
	if (size > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("first-loan set has too many members"),
				 errhint("Aggregate in groups of borrowers.")));
	part->entries = MemoryContextAllocHuge(set->hdr.eoh_context,
										   size * set->stride);
	part->size = (uint32) size;
	advise_huge_pages(part->entries, size * set->stride);
	for (uint32 i = 0; i < part->size; i++)
		set_entry(set, part, i)->when = SET_EMPTY_SLOT;
}

/* Give a partition so many slots; its members move, its arena stays. */
static void
part_resize(FirstLoanSet *set, SetPart *part, Size size)
{
	SetPart		old = *part;

	CHECK_FOR_INTERRUPTS();
	part_allocate(set, part, size);
	for (uint32 i = 0; i < old.size; i++)
	{
		SetEntry   *entry = set_entry(set, &old, i);

		if (entry->when != SET_EMPTY_SLOT)
			copy_slot(set, free_slot(set, part, entry_hash(set, entry)), entry);
	}
	if (old.entries)
		pfree(old.entries);
}

/*
 * Four slots of five may be taken.  Small partitions double; large ones grow
 * by a fifth, so that a set never takes half as much again as its members.
 */
static inline bool
part_is_full(const SetPart *part)
{
	return (uint64) (part->n + 1) * 5 > (uint64) part->size * 4;
}

/* Slots for so many members, and some more to come. */
static Size
slots_for(Size members)
{
	return Max(FIRST_SIZE, members + members / 2);
}

static void
part_grow(FirstLoanSet *set, SetPart *part)
{
	part_resize(set, part, part->size < 262144 ?
				Max(FIRST_SIZE, (Size) part->size * 2) :
				(Size) part->size + part->size / 5);
}

/* Move the arena, with room for so many bytes more; garbage stays behind. */
static void
part_rebuild_arena(FirstLoanSet *set, SetPart *part, Size room)
{
	SetPart		old = *part;
	Size		live = 0;

	for (uint32 i = 0; i < part->size; i++)
	{
		SetEntry   *entry = set_entry(set, part, i);

		if (entry->when != SET_EMPTY_SLOT)
			live += entry_arena_space(set, part, entry);
	}

	part->arena_size = live + live / 4 + room;
	part->arena = MemoryContextAllocHuge(set->hdr.eoh_context,
										 Max(part->arena_size, 1));
	part->arena_used = part->arena_garbage = 0;
	for (uint32 i = 0; i < part->size; i++)
	{
		SetEntry   *entry = set_entry(set, part, i);

		if (entry->when == SET_EMPTY_SLOT)
			continue;
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
	if (part->arena_size - part->arena_used >= bytes)
		return;
	if (part->arena_garbage > part->arena_used / 4)
		part_rebuild_arena(set, part, bytes);
	else
	{
		part->arena_size = Max(part->arena_size + part->arena_size / 2,
							   part->arena_used + bytes);
		part->arena_size = Max(part->arena_size, 256);
		part->arena = part->arena ?
			repalloc_huge(part->arena, part->arena_size) :
			MemoryContextAllocHuge(set->hdr.eoh_context, part->arena_size);
	}
}

static void
part_free(SetPart *part)
{
	if (part->entries)
		pfree(part->entries);
	if (part->arena)
		pfree(part->arena);
}

/* ---------- putting entries into a set ---------- */

/*
 * Give "to" what "from" says beside the key: the borrowing.  Its blob must
 * find room in the arena.
 */
static inline void
take_borrowing(FirstLoanSet *set, SetPart *part, SetEntry *to,
			   const FirstLoanSet *from_set, const SetPart *from_part,
			   const SetEntry *from, const uint32 *renumber)
{
	to->when = from->when;
	if (ref_is_out_of_line(from_set, from))
		to->ref = (int64) blob_copy(part, &set->layout.ref, from_part,
									(Size) from->ref);
	else
		to->ref = from->ref;
	if (set->has_extra)
		*set_entry_extra(to) = extra_of(from_set, from, renumber);
}

/*
 * Bring an entry of another place (the waiting rows, another set) to its place: a new
 * borrower gets a slot, a known one keeps the first of two borrowings.
 */
static void
set_put(FirstLoanSet *set, const FirstLoanSet *from_set,
		const SetPart *from_part, const SetEntry *from, uint64 hash,
		const uint32 *renumber)
{
	SetPart    *part = &set->parts[part_number(set, hash)];
	SetEntry   *entry;
	uint32		slot;

	if (unlikely(part_is_full(part)))
		part_grow(set, part);
	if (set_uses_arena(set))
		part_need_arena(set, part, entry_arena_space(from_set, from_part, from));

	slot = first_slot(set, part, hash);
	for (;;)
	{
		entry = set_entry(set, part, slot);
		if (entry->when == SET_EMPTY_SLOT)
		{
			entry->key[0] = from->key[0];
			entry->key[1] = from->key[1];
			if (key_is_out_of_line(from_set, from))
				set_key_offset(set, entry,
							   blob_copy(part, &set->layout.borrower, from_part,
										 key_offset(from_set, from)));
			take_borrowing(set, part, entry, from_set, from_part, from, renumber);
			part->n++;
			return;
		}
		if (keys_equal(set, part, entry, from_part, from))
			break;
		if (++slot == part->size)
			slot = 0;
	}

	/* of keys that are equal but look different (1.0 and 1.00), the smallest */
	if (set->layout.key_class == SET_KEY_GENERIC)
	{
		const SetColumn *column = &set->layout.borrower;
		Size		offset = key_offset(set, entry);

		if (image_cmp(column, blob_value(part, column, offset),
					  blob_value(from_part, column, key_offset(from_set, from))) > 0)
		{
			part->arena_garbage += blob_length(part, column, offset);
			set_key_offset(set, entry,
						   blob_copy(part, column, from_part,
									 key_offset(from_set, from)));
		}
	}

	if (borrowing_cmp(set, part, entry, from_set, from_part, from, renumber) > 0)
	{
		if (ref_is_out_of_line(set, entry))
			part->arena_garbage += blob_length(part, &set->layout.ref,
											   (Size) entry->ref);
		take_borrowing(set, part, entry, from_set, from_part, from, renumber);
	}
}

#ifdef __GNUC__
#define prefetch(address) __builtin_prefetch((address), 1)
#else
#define prefetch(address) ((void) (address))
#endif

/*
 * Put a batch of entries.  Their slots are far apart: asking for all of them
 * first lets the memory fetch many at a time.
 */
static void
put_batch(FirstLoanSet *set, const FirstLoanSet *from_set,
		  const SetPart *from_part, SetEntry *const *entries, uint32 n,
		  const uint32 *renumber)
{
	uint64		hashes[BATCH];

	for (uint32 i = 0; i < n; i++)
	{
		const SetPart *part;
		const char *slot;

		hashes[i] = entry_hash(set, entries[i]);
		part = &set->parts[part_number(set, hashes[i])];
		slot = (const char *) set_entry(set, part, first_slot(set, part, hashes[i]));
		prefetch(slot);
		prefetch(slot + 64);
	}
	for (uint32 i = 0; i < n; i++)
		set_put(set, from_set, from_part, entries[i], hashes[i], renumber);
}

/* Put the rows that wait. */
static void
set_flush(FirstLoanSet *set)
{
	SetPart    *waiting = &set->waiting;
	SetEntry   *entries[BATCH];
	uint32		n = waiting->n;

	if (n == 0)
		return;
	for (uint32 i = 0; i < n; i++)
		entries[i] = set_entry(set, waiting, i);
	waiting->n = 0;
	put_batch(set, set, waiting, entries, n, NULL);
	waiting->arena_used = 0;
}

/* Divide the set into 2^log2parts partitions. */
static void
set_split(FirstLoanSet *set, int log2parts)
{
	SetPart    *old = set->parts;
	uint32		nold = set_nparts(set);
	uint32		fan = 1U << (log2parts - set->log2parts);

	set->parts = MemoryContextAllocZero(set->hdr.eoh_context,
										sizeof(SetPart) << log2parts);
	set->log2parts = log2parts;
	for (uint32 i = 0; i < nold; i++)
	{
		SetPart    *from = &old[i];

		CHECK_FOR_INTERRUPTS();
		for (uint32 k = 0; k < fan; k++)
			part_allocate(set, &set->parts[i * fan + k], slots_for(from->n / fan));
		for (uint32 j = 0; j < from->size; j++)
		{
			SetEntry   *entry = set_entry(set, from, j);

			if (entry->when != SET_EMPTY_SLOT)
				set_put(set, set, from, entry, entry_hash(set, entry), NULL);
		}
		part_free(from);
	}
	if (old != &set->first_part)
		pfree(old);
}

/* Split where all partitions have outgrown their size, not just one. */
static void
set_consider_split(FirstLoanSet *set, uint32 number)
{
	uint64		total = 0;

	if (set->parts[number].n <= PART_TARGET ||
		set->log2parts + SPLIT_LOG2 > MAX_LOG2PARTS)
		return;
	for (uint32 i = 0; i < set_nparts(set); i++)
		total += set->parts[i].n;
	if (total > ((uint64) (PART_TARGET / 2) << set->log2parts))
		set_split(set, set->log2parts + SPLIT_LOG2);
}

/* Make room for a row, with so many bytes out of line, to wait in. */
static void
make_waiting_room(FirstLoanSet *set, Size bytes)
{
	SetPart    *waiting = &set->waiting;

	set_flush(set);
	set_consider_split(set, 0);
	if (waiting->size < BATCH)
	{
		/* as long as the set is small, few rows wait */
		uint32		size = Min(BATCH, Max(FIRST_SIZE, set->parts[0].n / 4));

		if (size > waiting->size)
		{
			if (waiting->entries)
				pfree(waiting->entries);
			waiting->entries = MemoryContextAlloc(set->hdr.eoh_context,
												  (Size) size * set->stride);
			waiting->size = size;
		}
	}
	if (waiting->arena_size < bytes)
	{
		Size		size = Max(bytes, (Size) waiting->size * 64);

		if (waiting->arena)
			pfree(waiting->arena);
		waiting->arena = NULL;
		waiting->arena_size = 0;
		waiting->arena = MemoryContextAllocHuge(set->hdr.eoh_context, size);
		waiting->arena_size = size;
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

	EOH_init_header(&set->hdr, &set_methods, context);
	set->layout = *layout;
	set->has_extra = OidIsValid(layout->institution.typid);
	set->stride = sizeof(SetEntry) + (set->has_extra ? sizeof(SetExtra) : 0);
	set->seed = mix64(GetSystemIdentifier());
	set->parts = &set->first_part;
	set->last_institution = SET_NO_INSTITUTION;
	return set;
}

/* Give every entry the extra word. */
static void
widen_part(FirstLoanSet *set, SetPart *part, uint32 stride)
{
	char	   *entries;

	if (part->size == 0)
		return;
	entries = MemoryContextAllocHuge(set->hdr.eoh_context,
									 (Size) part->size * stride);
	for (uint32 j = 0; j < part->size; j++)
	{
		SetEntry   *to = (SetEntry *) (entries + (Size) j * stride);

		*to = *set_entry(set, part, j);
		*set_entry_extra(to) = extra_of(set, to, NULL);
	}
	pfree(part->entries);
	part->entries = entries;
}

static void
set_require_extra(FirstLoanSet *set)
{
	uint32		stride = sizeof(SetEntry) + sizeof(SetExtra);

	if (set->has_extra)
		return;
	set_flush(set);
	widen_part(set, &set->waiting, stride);
	for (uint32 i = 0; i < set_nparts(set); i++)
		widen_part(set, &set->parts[i], stride);
	set->has_extra = true;
	set->stride = stride;
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

void
set_add(FirstLoanSet *set, const SetRow *row)
{
	const SetColumn *borrower = &set->layout.borrower;
	SetPart    *waiting = &set->waiting;
	SetEntry	entry;
	SetEntry   *place;
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
			if (pack_text(entry.key, key_data, key_len))
				break;
			if (key_len <= SET_SHORT_TEXT_MAX)
			{
				memcpy(entry.key, key_data, key_len);
				((uint8 *) entry.key)[15] = (uint8) key_len;
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

	if (unlikely(waiting->n >= waiting->size ||
				 waiting->arena_size - waiting->arena_used < bytes))
		make_waiting_room(set, bytes);

	if (key_out)
		set_key_offset(set, &entry, blob_put(waiting, borrower, key_data, key_len));
	if (ref_data)
		entry.ref = (int64) blob_put(waiting, &set->layout.ref, ref_data, ref_len);

	place = set_entry(set, waiting, waiting->n);
	*place = entry;
	if (set->has_extra)
	{
		SetExtra   *extra = set_entry_extra(place);

		memset(extra, 0, sizeof(SetExtra));
		extra->institution = row->institution_is_null ? SET_NO_INSTITUTION :
			set_intern_institution(set, row->institution);
		extra->eligible = row->eligible;
		extra->ref_is_null = row->ref_is_null;
	}
	waiting->n++;
	set->flat_size = 0;
}

int64
set_cardinality(FirstLoanSet *set)
{
	int64		total = 0;

	set_flush(set);
	for (uint32 i = 0; i < set_nparts(set); i++)
		total += set->parts[i].n;
	return total;
}

/* Put everything in its place and leave no garbage, for what is to be stored. */
void
set_trim(FirstLoanSet *set)
{
	set_flush(set);
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		if (set->parts[i].arena_garbage > 0)
			part_rebuild_arena(set, &set->parts[i], 0);
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

/*
 * Bring the members of source into target.  The layouts are the same, in class
 * too; source is only read, and may be a view of a flat set.
 */
void
set_merge(FirstLoanSet *target, const FirstLoanSet *source)
{
	uint32	   *renumber = NULL;

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

	set_flush(target);
	if (target->log2parts < source->log2parts)
		set_split(target, source->log2parts);

	for (uint32 i = 0; i < set_nparts(source); i++)
	{
		const SetPart *from = &source->parts[i];
		SetEntry   *batch[BATCH];
		uint32		n = 0;

		CHECK_FOR_INTERRUPTS();
		if (target->log2parts == source->log2parts && target->parts[i].n == 0 &&
			slots_for(from->n) > target->parts[i].size)
			part_resize(target, &target->parts[i], slots_for(from->n));
		for (uint32 j = 0; j < from->size; j++)
		{
			SetEntry   *entry = set_entry(source, from, j);

			if (entry->when == SET_EMPTY_SLOT)
				continue;
			batch[n++] = entry;
			if (n == BATCH)
			{
				put_batch(target, source, from, batch, n, renumber);
				n = 0;
			}
		}
		put_batch(target, source, from, batch, n, renumber);
		set_consider_split(target, i & (set_nparts(target) - 1));
	}
	if (renumber)
		pfree(renumber);
	target->flat_size = 0;
}
