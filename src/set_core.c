/*
 * set_core.c
 *		Adding rows to a set, compacting its partitions, merging sets.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "first_loan_set.h"
#include "uscc_core.h"

static void set_require_extra(FirstLoanSet *set);

/*
 * A partition with more than this many borrowers outgrows the cache (256 kB of
 * entries and 64 kB of table), and the set is split.
 */
#define PART_TARGET		8192
#define SPLIT_LOG2		3
#define MAX_LOG2PARTS	16
#define FIRST_SIZE		8		/* entries of a new set: groups can be many */

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

static inline uint64
entry_hash(const FirstLoanSet *set, const SetEntry *entry)
{
	uint64		second = key_is_out_of_line(set, entry) ? 0 : entry->key[1];

	return mix64(entry->key[0] ^ mix64(second + UINT64CONST(0x9e3779b97f4a7c15)));
}

static inline uint32
part_number(const FirstLoanSet *set, uint64 hash)
{
	/* two shifts, as a shift by 64 is undefined */
	return (uint32) ((hash >> 1) >> (63 - set->log2parts));
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
		struct varlena *v = PG_DETOAST_DATUM_PACKED(*value);

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

	if (column->typlen == -1)
	{
		SET_VARSIZE(place, len + VARHDRSZ);
		place += VARHDRSZ;
	}
	memcpy(place, data, len);
	part->arena_used += blob_space(column, len);
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

	if (KEY_TAG(entry) == SET_TAG_USCC)
	{
		uscc_unpack((const unsigned char *) entry->key, buf->data + VARHDRSZ);
		SET_VARSIZE(buf->data, VARHDRSZ + USCC_LENGTH);
	}
	else
	{
		Size		len = KEY_TAG(entry);

		memcpy(buf->data + VARHDRSZ, entry->key, len);
		SET_VARSIZE(buf->data, VARHDRSZ + len);
	}
	return PointerGetDatum(buf->data);
}

Datum
set_entry_ref(const FirstLoanSet *set, const SetPart *part,
			  const SetEntry *entry, bool *isnull)
{
	*isnull = ref_is_null(set, entry);
	if (*isnull)
		return (Datum) 0;
	if (set->layout.ref_class == SET_REF_INT)
		return datum_of_width(entry->ref, set->layout.ref.typlen);
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
		KEY_TAG(entry) > SET_SHORT_TEXT_MAX &&
		KEY_TAG(entry) != SET_TAG_LONG &&
		!(KEY_TAG(entry) == SET_TAG_USCC &&
		  uscc_is_packed((const unsigned char *) entry->key)))
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

int
set_entry_cmp(const FirstLoanSet *set, const SetPart *apart, const SetEntry *a,
		  const SetPart *bpart, const SetEntry *b)
{
	bool		anull;
	bool		bnull;

	if (a->when != b->when)
		return a->when < b->when ? -1 : 1;

	anull = ref_is_null(set, a);
	bnull = ref_is_null(set, b);
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
		SetExtra   *ax = set_entry_extra(a);
		SetExtra   *bx = set_entry_extra(b);
		int			cmp = set_institution_cmp(set, ax->institution, bx->institution);

		if (cmp != 0)
			return cmp;
		return (int) ax->eligible - (int) bx->eligible;
	}
	return 0;
}

/* ---------- compaction ---------- */

static inline bool
keys_equal(const FirstLoanSet *set, const SetPart *part,
		   const SetEntry *a, const SetEntry *b)
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

	avalue = blob_value(part, column, key_offset(set, a));
	bvalue = blob_value(part, column, key_offset(set, b));
	if (set->layout.key_class == SET_KEY_TEXT)
		return image_cmp(column, avalue, bvalue) == 0;
	return DatumGetBool(FunctionCall2Coll(&column->tc->eq_opr_finfo,
										  column->collation, avalue, bvalue));
}

static inline void
entry_copy(const FirstLoanSet *set, SetEntry *to, const SetEntry *from)
{
	*to = *from;
	if (set->has_extra)
		*set_entry_extra(to) = *set_entry_extra(from);
}

/*
 * Two rows of one borrower: keep the first borrowing, and of keys that are
 * equal but look different (1.0 and 1.00) the one with the smallest image.
 */
static inline void
entry_fold(const FirstLoanSet *set, const SetPart *part,
		   SetEntry *kept, const SetEntry *other)
{
	uint64		place = kept->key[1];

	if (set->layout.key_class == SET_KEY_GENERIC &&
		image_cmp(&set->layout.borrower,
				  blob_value(part, &set->layout.borrower, key_offset(set, kept)),
				  blob_value(part, &set->layout.borrower, key_offset(set, other))) > 0)
		place = other->key[1];
	if (set_entry_cmp(set, part, kept, part, other) > 0)
		entry_copy(set, kept, other);
	if (set->layout.key_class == SET_KEY_GENERIC)
		kept->key[1] = place;
}

typedef struct SortContext
{
	const FirstLoanSet *set;
	const SetPart *part;
} SortContext;

static int
key_order(const void *a, const void *b, void *arg)
{
	const FirstLoanSet *set = ((SortContext *) arg)->set;
	const SetEntry *x = a;
	const SetEntry *y = b;
	bool		xout = key_is_out_of_line(set, x);
	bool		yout = key_is_out_of_line(set, y);

	if (x->key[0] != y->key[0])
		return x->key[0] < y->key[0] ? -1 : 1;
	if (xout != yout)
		return xout ? 1 : -1;
	if (!xout && x->key[1] != y->key[1])
		return x->key[1] < y->key[1] ? -1 : 1;
	return 0;
}

/*
 * The slow way, for keys that were made to collide: sorting does not mind.
 * Equal keys lie in one run of key_order(); a run of out-of-line keys can hold
 * several borrowers only where 64 bits of hash agree.
 */
static void
part_compact_by_sort(FirstLoanSet *set, SetPart *part)
{
	SortContext context = {set, part};
	uint32		out = 0;
	uint32		run = 0;

	qsort_arg(part->entries, part->n, set->stride, key_order, &context);
	for (uint32 i = 0; i < part->n; i++)
	{
		SetEntry   *entry = set_entry(set, part, i);
		uint32		j;

		CHECK_FOR_INTERRUPTS();
		if (out > run && key_order(set_entry(set, part, run), entry, &context) != 0)
			run = out;
		for (j = run; j < out; j++)
		{
			if (keys_equal(set, part, set_entry(set, part, j), entry))
				break;
		}
		if (j < out)
			entry_fold(set, part, set_entry(set, part, j), entry);
		else
		{
			if (out != i)
				entry_copy(set, set_entry(set, part, out), entry);
			out++;
		}
	}
	part->n = part->nclean = out;
}

static void
part_compact(FirstLoanSet *set, SetPart *part)
{
	Size		table_size = 16;
	uint64		mask;
	int64		patience;
	uint32		out = 0;

	if (part->nclean == part->n)
		return;
	CHECK_FOR_INTERRUPTS();

	while (table_size < (Size) part->n * 2)
		table_size *= 2;
	if (table_size > set->scratch_size)
	{
		if (set->scratch)
			pfree(set->scratch);
		set->scratch = NULL;
		set->scratch_size = 0;
		set->scratch = MemoryContextAllocHuge(set->hdr.eoh_context,
											  table_size * sizeof(uint32));
		set->scratch_size = table_size;
	}
	memset(set->scratch, 0, table_size * sizeof(uint32));
	mask = table_size - 1;

	/* with a good hash a look-up takes less than two steps */
	patience = (int64) part->n * 8 + 64;

	for (uint32 i = 0; i < part->n; i++)
	{
		SetEntry   *entry = set_entry(set, part, i);
		uint64		slot = entry_hash(set, entry) & mask;
		uint32		found;

		if (unlikely(patience < 0))
		{
			/* close the gap: the rest follows what is kept */
			memmove(set_entry(set, part, out), entry,
					(Size) (part->n - i) * set->stride);
			part->n = out + (part->n - i);
			part_compact_by_sort(set, part);
			return;
		}
		while ((found = set->scratch[slot]) != 0)
		{
			SetEntry   *other = set_entry(set, part, found - 1);

			if (keys_equal(set, part, other, entry))
			{
				entry_fold(set, part, other, entry);
				break;
			}
			slot = (slot + 1) & mask;
			patience--;
		}
		if (found)
			continue;

		if (out != i)
			entry_copy(set, set_entry(set, part, out), entry);
		set->scratch[slot] = ++out;
	}
	part->n = part->nclean = out;
}

/* Leave behind what no entry points to any more. */
static void
part_rebuild_arena(FirstLoanSet *set, SetPart *part, Size room)
{
	SetPart		old = *part;
	Size		live = 0;

	for (uint32 i = 0; i < part->n; i++)
		live += entry_arena_space(set, part, set_entry(set, part, i));

	part->arena_size = Max(256, live + live / 2 + room);
	part->arena = MemoryContextAllocHuge(set->hdr.eoh_context, part->arena_size);
	part->arena_used = 0;
	for (uint32 i = 0; i < part->n; i++)
	{
		SetEntry   *entry = set_entry(set, part, i);
		Size		offset;
		Size		len;

		if (key_is_out_of_line(set, entry))
		{
			offset = key_offset(set, entry);
			len = blob_length(&old, &set->layout.borrower, offset);
			memcpy(part->arena + part->arena_used, old.arena + offset, len);
			set_key_offset(set, entry, part->arena_used);
			part->arena_used += len;
		}
		if (ref_is_out_of_line(set, entry))
		{
			offset = (Size) entry->ref;
			len = blob_length(&old, &set->layout.ref, offset);
			memcpy(part->arena + part->arena_used, old.arena + offset, len);
			entry->ref = (int64) part->arena_used;
			part->arena_used += len;
		}
	}
	if (old.arena)
		pfree(old.arena);
}

static void
part_resize(FirstLoanSet *set, SetPart *part, Size size)
{
	if (size > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("first-loan set has too many members"),
				 errhint("Aggregate in groups of borrowers.")));
	part->entries = part->entries ?
		repalloc_huge(part->entries, size * set->stride) :
		MemoryContextAllocHuge(set->hdr.eoh_context, size * set->stride);
	part->size = size;
}

/*
 * Make room in a partition for n more entries with so many bytes of arena:
 * compact it first, and grow it only where that frees less than a third.
 */
static void
part_reserve(FirstLoanSet *set, SetPart *part, uint32 n, Size bytes)
{
	if (part->size - part->n >= n && part->arena_size - part->arena_used >= bytes)
		return;

	part_compact(set, part);
	if (bytes > 0 && part->arena_size - part->arena_used < bytes)
		part_rebuild_arena(set, part, bytes);
	if ((Size) part->n + n > part->size - part->size / 3)
	{
		Size		size = (Size) part->size + Max(part->size / 2, FIRST_SIZE);

		part_resize(set, part, Max(size, (Size) part->n + n));
	}
}

/* Move an entry of another partition (of this or another set) to the end. */
static void
part_append(FirstLoanSet *set, SetPart *part, const FirstLoanSet *from_set,
			const SetPart *from, const SetEntry *entry, const uint32 *renumber)
{
	SetEntry   *to;

	if (set_uses_arena(set))
		part_reserve(set, part, 1, entry_arena_space(from_set, from, entry));
	to = set_entry(set, part, part->n);
	*to = *entry;
	if (set->has_extra)
	{
		SetExtra   *extra = set_entry_extra(to);

		if (from_set->has_extra)
		{
			*extra = *set_entry_extra(entry);
			if (renumber && extra->institution != SET_NO_INSTITUTION)
				extra->institution = renumber[extra->institution];
		}
		else
		{
			memset(extra, 0, sizeof(SetExtra));
			extra->institution = SET_NO_INSTITUTION;
			extra->eligible = SET_ELIGIBLE_TRUE;
		}
	}
	if (key_is_out_of_line(from_set, entry))
	{
		Size		offset = key_offset(from_set, entry);
		Size		len = blob_length(from, &set->layout.borrower, offset);

		memcpy(part->arena + part->arena_used, from->arena + offset, len);
		set_key_offset(set, to, part->arena_used);
		part->arena_used += len;
	}
	if (ref_is_out_of_line(from_set, entry))
	{
		Size		len = blob_length(from, &set->layout.ref, (Size) entry->ref);

		memcpy(part->arena + part->arena_used, from->arena + (Size) entry->ref, len);
		to->ref = (int64) part->arena_used;
		part->arena_used += len;
	}
	part->n++;
}

static void
part_free(SetPart *part)
{
	if (part->entries)
		pfree(part->entries);
	if (part->arena)
		pfree(part->arena);
}

/* Divide the set into 2^log2parts partitions. */
static void
set_split(FirstLoanSet *set, int log2parts)
{
	SetPart    *old = set->parts;
	uint32		nold = set_nparts(set);
	uint32		fan = 1U << (log2parts - set->log2parts);
	uint32	   *counts = palloc(fan * sizeof(uint32));
	SetPart    *parts;

	parts = MemoryContextAllocZero(set->hdr.eoh_context,
								   sizeof(SetPart) << log2parts);
	set->log2parts = log2parts;
	for (uint32 i = 0; i < nold; i++)
	{
		SetPart    *from = &old[i];
		SetPart    *to = &parts[i * fan];

		/* part_number() of the new division, within this old partition */
		part_compact(set, from);
		memset(counts, 0, fan * sizeof(uint32));
		for (uint32 j = 0; j < from->n; j++)
			counts[part_number(set, entry_hash(set, set_entry(set, from, j))) - i * fan]++;
		for (uint32 k = 0; k < fan; k++)
		{
			if (counts[k] > 0)
				part_resize(set, &to[k], counts[k] + counts[k] / 2 + 1);
		}
		for (uint32 j = 0; j < from->n; j++)
		{
			SetEntry   *entry = set_entry(set, from, j);
			uint32		k = part_number(set, entry_hash(set, entry)) - i * fan;

			part_append(set, &to[k], set, from, entry, NULL);
		}
		for (uint32 k = 0; k < fan; k++)
			to[k].nclean = to[k].n;
		part_free(from);
	}
	if (old != &set->first_part)
		pfree(old);
	set->parts = parts;
	pfree(counts);
}

/* Would more partitions make compaction cheaper? */
static bool
set_should_split(const FirstLoanSet *set)
{
	uint64		total = 0;

	if (set->log2parts + SPLIT_LOG2 > MAX_LOG2PARTS)
		return false;
	for (uint32 i = 0; i < set_nparts(set); i++)
		total += set->parts[i].n;
	return total > ((uint64) (PART_TARGET / 2) << set->log2parts);
}

/* The partition for a hash, with room for one more entry. */
static SetPart *
set_make_room(FirstLoanSet *set, uint64 hash, Size bytes)
{
	SetPart    *part = &set->parts[part_number(set, hash)];

	set->flat_size = 0;
	part_compact(set, part);
	if (part->n > PART_TARGET && set_should_split(set))
	{
		set_split(set, set->log2parts + SPLIT_LOG2);
		part = &set->parts[part_number(set, hash)];
	}
	part_reserve(set, part, 1, bytes);
	return part;
}

/* ---------- the set ---------- */

FirstLoanSet *
set_create(MemoryContext parent, const SetLayout *layout)
{
	MemoryContext context = AllocSetContextCreate(parent, "first_loan_set",
												  ALLOCSET_SMALL_SIZES);
	FirstLoanSet *set = MemoryContextAllocZero(context, sizeof(FirstLoanSet));

	EOH_init_header(&set->hdr, &set_methods, context);
	set->layout = *layout;
	set->has_extra = OidIsValid(layout->institution.typid);
	set->stride = sizeof(SetEntry) + (set->has_extra ? sizeof(SetExtra) : 0);
	set->parts = &set->first_part;
	set->last_institution = SET_NO_INSTITUTION;
	return set;
}

/* Give every entry the extra word. */
static void
set_require_extra(FirstLoanSet *set)
{
	uint32		stride = sizeof(SetEntry) + sizeof(SetExtra);

	if (set->has_extra)
		return;
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		SetPart    *part = &set->parts[i];
		char	   *entries;

		if (part->size == 0)
			continue;
		entries = MemoryContextAllocHuge(set->hdr.eoh_context,
										 (Size) part->size * stride);
		for (uint32 j = 0; j < part->n; j++)
		{
			SetEntry   *to = (SetEntry *) (entries + (Size) j * stride);
			SetExtra   *extra = set_entry_extra(to);

			*to = *set_entry(set, part, j);
			memset(extra, 0, sizeof(SetExtra));
			extra->institution = SET_NO_INSTITUTION;
			extra->eligible = SET_ELIGIBLE_TRUE;
		}
		pfree(part->entries);
		part->entries = entries;
	}
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
generic_hash(const SetColumn *column, Datum value)
{
	if (OidIsValid(column->tc->hash_extended_proc_finfo.fn_oid))
		return DatumGetUInt64(FunctionCall2Coll(&column->tc->hash_extended_proc_finfo,
												column->collation, value,
												UInt64GetDatum(0)));
	return DatumGetUInt32(FunctionCall1Coll(&column->tc->hash_proc_finfo,
											column->collation, value));
}

void
set_add(FirstLoanSet *set, const SetRow *row)
{
	const SetColumn *borrower = &set->layout.borrower;
	SetEntry	entry;
	SetPart    *part;
	SetEntry   *place;
	Datum		key_value = row->borrower;
	Datum		ref_value = row->ref;
	const char *key_data = NULL;
	const char *ref_data = NULL;
	Size		key_len = 0;
	Size		ref_len = 0;
	Size		bytes = 0;
	bool		key_out = false;
	uint64		hash;

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
			if (key_len == USCC_LENGTH &&
				uscc_pack(key_data, USCC_LENGTH, (unsigned char *) entry.key, NULL))
				((uint8 *) entry.key)[15] = SET_TAG_USCC;
			else if (key_len <= SET_SHORT_TEXT_MAX)
			{
				memcpy(entry.key, key_data, key_len);
				((uint8 *) entry.key)[15] = (uint8) key_len;
			}
			else
			{
				entry.key[0] = hash_bytes_extended((const unsigned char *) key_data,
												   (int) key_len, 0);
				entry.key[1] = TAG_WORD(SET_TAG_LONG);
				key_out = true;
			}
			break;
		case SET_KEY_GENERIC:
			value_image(borrower, &key_value, &key_data, &key_len);
			entry.key[0] = generic_hash(borrower, row->borrower);
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

	hash = entry_hash(set, &entry);
	part = &set->parts[part_number(set, hash)];
	if (unlikely(part->n >= part->size ||
				 part->arena_size - part->arena_used < bytes))
		part = set_make_room(set, hash, bytes);

	if (key_out)
		set_key_offset(set, &entry, blob_put(part, borrower, key_data, key_len));
	if (ref_data)
		entry.ref = (int64) blob_put(part, &set->layout.ref, ref_data, ref_len);

	place = set_entry(set, part, part->n);
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
	part->n++;
	set->flat_size = 0;
}

static void
set_compact(FirstLoanSet *set)
{
	for (uint32 i = 0; i < set_nparts(set); i++)
		part_compact(set, &set->parts[i]);
}

int64
set_cardinality(FirstLoanSet *set)
{
	int64		total = 0;

	set_compact(set);
	for (uint32 i = 0; i < set_nparts(set); i++)
		total += set->parts[i].n;
	return total;
}

/* Leave no garbage in the arenas, for what is to be stored. */
void
set_trim(FirstLoanSet *set)
{
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		SetPart    *part = &set->parts[i];

		part_compact(set, part);
		if (part->arena_used > 0)
			part_rebuild_arena(set, part, 0);
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
	bool		same_parts;

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
		set_split(target, source->log2parts);
	same_parts = target->log2parts == source->log2parts;

	for (uint32 i = 0; i < set_nparts(source); i++)
	{
		const SetPart *from = &source->parts[i];

		CHECK_FOR_INTERRUPTS();
		if (same_parts)
		{
			SetPart    *part = &target->parts[i];

			part_reserve(target, part, from->n, from->arena_used);
			for (uint32 j = 0; j < from->n; j++)
				part_append(target, part, source, from,
							set_entry(source, from, j), renumber);
			if (part->n == from->n)
				part->nclean = from->nclean;
			continue;
		}
		for (uint32 j = 0; j < from->n; j++)
		{
			SetEntry   *entry = set_entry(source, from, j);
			uint64		hash = entry_hash(source, entry);
			SetPart    *part = &target->parts[part_number(target, hash)];

			if (part->n >= part->size)
				part = set_make_room(target, hash, 0);
			part_append(target, part, source, from, entry, renumber);
		}
	}
	if (renumber)
		pfree(renumber);
	target->flat_size = 0;
}
