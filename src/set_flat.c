/*
 * set_flat.c
 *		The stored form of a set, which is also how workers hand theirs over.
 *
 * header | frame | names of types | institutions | directory | partitions
 *
 * Each part begins at a multiple of MAXALIGN.  A partition is its members, of
 * the frame's width each, and its arena.  A member is its numbers; a number is
 * the bits in which members differ, side by side, in whole bytes.  The numbers
 * are the machine's own, as in every stored value of PostgreSQL; what travels to
 * other machines is the binary form of set_io.c.
 *
 * Version 1, of first_loan 0.1, has no frame, and members as they are in memory.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "port/pg_bitutils.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "first_loan_set.h"

#define FLAT_VERSION		2
#define FLAT_HAS_EXTRA		0x01
#define FLAT_NARROW			0x02

typedef struct FlatSet
{
	int32		vl_len_;
	uint8		version;
	uint8		key_class;
	uint8		ref_class;
	uint8		when_class;
	uint8		flags;
	uint8		log2parts;
	uint8		period_kind;
	uint8		unused;
	uint32		names_size;
	uint32		ninstitutions;
	int32		period_lower;
	int64		period_upper;
	int64		members;
	uint64		seed;
} FlatSet;

typedef struct FlatPart
{
	uint64		n;
	uint64		arena_used;
} FlatPart;

/* Numbers are written and read eight bytes at a time, the last beyond its end. */
#define FLAT_SLACK			sizeof(uint64)

/* What is kept to read a set from its flat form, a partition at a time. */
typedef struct SetView
{
	const FlatSet *flat;
	SetFrame	frame;
	const char **members;		/* of each partition, as they are stored */
	bool		sound;			/* no member need be looked at */
	char	   *unpacked;		/* those of the partition that was read last */
	char	  **chunks;
} SetView;

static Size set_get_flat_size(ExpandedObjectHeader *eohptr);
static void set_flatten_into(ExpandedObjectHeader *eohptr, void *result,
							 Size allocated_size);

const ExpandedObjectMethods set_methods = {
	set_get_flat_size,
	set_flatten_into
};

/* ---------- members ---------- */

/* A function's body for each form of entries: the stride, a constant, tells it. */
#define for_stride_of(set, function, ...) \
	((set)->has_extra ? function(SET_STRIDE_EXTRA, __VA_ARGS__) : \
	 (set)->narrow ? function(sizeof(SetNarrowEntry), __VA_ARGS__) : \
	 function(sizeof(SetEntry), __VA_ARGS__))

static pg_attribute_always_inline void
entry_numbers(Size stride, const SetEntry *entry, uint64 numbers[SET_NUMBERS])
{
	if (stride == sizeof(SetNarrowEntry))
	{
		const SetNarrowEntry *narrow = (const SetNarrowEntry *) entry;

		numbers[SET_NUMBER_KEY0] = narrow->key;
		numbers[SET_NUMBER_KEY1] = narrow->more;
		numbers[SET_NUMBER_WHEN] = (uint32) narrow->when;
		numbers[SET_NUMBER_REF] = (uint64) narrow->ref;
		numbers[SET_NUMBER_EXTRA] = 0;
		return;
	}
	numbers[SET_NUMBER_KEY0] = entry->key[0];
	numbers[SET_NUMBER_KEY1] = entry->key[1];
	numbers[SET_NUMBER_WHEN] = (uint64) entry->when;
	numbers[SET_NUMBER_REF] = (uint64) entry->ref;
	numbers[SET_NUMBER_EXTRA] = 0;
	if (stride == SET_STRIDE_EXTRA)
	{
		const SetExtra *extra = set_entry_extra(entry);

		/* no institution is the greatest number: 0 is shorter */
		numbers[SET_NUMBER_EXTRA] = (uint64) (uint32) (extra->institution + 1) << 3 |
			(uint64) extra->eligible << 1 | (extra->ref_is_null ? 1 : 0);
	}
}

/* In which bits do the members of a partition differ from the first of the set? */
static pg_attribute_always_inline void
part_differs(Size stride, const FirstLoanSet *set, const SetPart *part,
			 uint64 differ[SET_NUMBERS])
{
	const SetFrame frame = set->frame;
	uint64		bits[SET_NUMBERS] = {0};

	for (uint32 i = 0; i < part->n; i++)
	{
		uint64		numbers[SET_NUMBERS];

		entry_numbers(stride, set_entry_of(stride, part, i), numbers);
		for (int k = 0; k < SET_NUMBERS; k++)
			bits[k] |= numbers[k] ^ frame.first[k];
	}
	for (int k = 0; k < SET_NUMBERS; k++)
		differ[k] |= bits[k];
}

/* Settle every partition, and see what the members have in common while it is in cache. */
static void
frame_of_set(FirstLoanSet *set)
{
	SetFrame   *frame = &set->frame;
	bool		any = false;

	memset(frame, 0, sizeof(SetFrame));
	set_distribute(set);
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		SetPart    *part = &set->parts[i];

		set_trim_part(set, part);
		if (part->n > 0 && !any)
			entry_numbers(set->stride, set_entry(set, part, 0), frame->first);
		any = any || part->n > 0;
		for_stride_of(set, part_differs, set, part, frame->differ);
	}
}

/* ---------- bits ---------- */

/* How a number is made of the bits of a mask, side by side, and back. */
typedef struct Bits
{
	uint64		mask;
	uint8		width;			/* bytes of the number */
	bool		fast;			/* there are instructions for it */
	int			nruns;			/* bits that are side by side in the mask, too */
	uint64		run[32];
	uint8		shift[32];		/* that far to the left */
} Bits;

/*
 * The processor's instructions, where it has them.  In AMD's first two generations
 * of Zen they are slower than what is done without.
 */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(FIRST_LOAN_SLOW_BITS)
#define bits_are_fast() \
	(__builtin_cpu_supports("bmi2") && !__builtin_cpu_is("amdfam17h"))
#define PEXT(to, from, mask) __asm__("pextq %2, %1, %0" : "=r" (to) : "r" (from), "r" (mask))
#define PDEP(to, from, mask) __asm__("pdepq %2, %1, %0" : "=r" (to) : "r" (from), "r" (mask))
#else
#define bits_are_fast() false
#define PEXT(to, from, mask) ((to) = 0)
#define PDEP(to, from, mask) ((to) = 0)
#endif

static inline uint8
bits_width(uint64 mask)
{
	return (pg_popcount64(mask) + 7) / 8;
}

static void
bits_init(Bits *bits, uint64 mask)
{
	int			placed = 0;

	bits->mask = mask;
	bits->width = bits_width(mask);
	bits->fast = bits_are_fast();
	bits->nruns = 0;
	while (mask != 0)
	{
		/* the lowest run is what a carry through it changes */
		uint64		run = mask & ~(mask + (mask & -mask));

		bits->run[bits->nruns] = run;
		bits->shift[bits->nruns++] = pg_rightmost_one_pos64(mask) - placed;
		placed += pg_popcount64(run);
		mask &= ~run;
	}
}

static pg_attribute_always_inline uint64
bits_squeeze(const Bits *bits, uint64 number)
{
	uint64		result = 0;

	if (bits->fast)
	{
		PEXT(result, number, bits->mask);
		return result;
	}
	for (int i = 0; i < bits->nruns; i++)
		result |= (number & bits->run[i]) >> bits->shift[i];
	return result;
}

static pg_attribute_always_inline uint64
bits_spread(const Bits *bits, uint64 number)
{
	uint64		result = 0;

	if (bits->fast)
	{
		PDEP(result, number, bits->mask);
		return result;
	}
	for (int i = 0; i < bits->nruns; i++)
		result |= (number << bits->shift[i]) & bits->run[i];
	return result;
}

/* ---------- members, packed ---------- */

static void
frame_bits(const SetFrame *frame, Bits bits[SET_NUMBERS])
{
	for (int k = 0; k < SET_NUMBERS; k++)
		bits_init(&bits[k], frame->differ[k]);
}

/* Bytes of a member. */
static inline Size
frame_width(const SetFrame *frame)
{
	Size		width = 0;

	for (int k = 0; k < SET_NUMBERS; k++)
		width += bits_width(frame->differ[k]);
	return width;
}

/* Write a number in its bytes, the last of eight that are written beyond it. */
static pg_attribute_always_inline char *
pack_number(char *out, uint64 number, const Bits *bits)
{
	number = bits_squeeze(bits, number);
#ifdef WORDS_BIGENDIAN
	if (bits->width > 0)
		number <<= 64 - 8 * bits->width;
#endif
	memcpy(out, &number, sizeof(number));
	return out + bits->width;
}

static pg_attribute_always_inline uint64
unpack_number(const char **in, const Bits *bits)
{
	uint64		number;

	memcpy(&number, *in, sizeof(number));
	*in += bits->width;
#ifdef WORDS_BIGENDIAN
	if (bits->width > 0)
		number >>= 64 - 8 * bits->width;
#endif
	/* bits that follow are none of the number's */
	return bits_spread(bits, number);
}

static pg_attribute_always_inline char *
pack_members(Size stride, const FirstLoanSet *set, const SetPart *part, char *out)
{
	const SetFrame frame = set->frame;
	Bits		bits[SET_NUMBERS];

	frame_bits(&frame, bits);
	for (uint32 i = 0; i < part->n; i++)
	{
		uint64		numbers[SET_NUMBERS];

		entry_numbers(stride, set_entry_of(stride, part, i), numbers);
		for (int k = 0; k < (stride == SET_STRIDE_EXTRA ? SET_NUMBERS : SET_NUMBER_EXTRA); k++)
			out = pack_number(out, numbers[k] ^ frame.first[k], &bits[k]);
	}
	return out;
}

static pg_attribute_always_inline void
unpack_members(Size stride, SetFrame frame, const char *in, char *out, uint32 n)
{
	Bits		bits[SET_NUMBERS];

	frame_bits(&frame, bits);
	for (; n > 0; n--, out += stride)
	{
		SetEntry   *entry = (SetEntry *) out;
		uint64		numbers[SET_NUMBERS];

		for (int k = 0; k < (stride == SET_STRIDE_EXTRA ? SET_NUMBERS : SET_NUMBER_EXTRA); k++)
			numbers[k] = frame.first[k] ^ unpack_number(&in, &bits[k]);
		if (stride == sizeof(SetNarrowEntry))
		{
			SetNarrowEntry *narrow = (SetNarrowEntry *) out;

			narrow->key = numbers[SET_NUMBER_KEY0];
			narrow->more = (uint32) numbers[SET_NUMBER_KEY1];
			narrow->when = (int32) numbers[SET_NUMBER_WHEN];
			narrow->ref = (int64) numbers[SET_NUMBER_REF];
			continue;
		}
		entry->key[0] = numbers[SET_NUMBER_KEY0];
		entry->key[1] = numbers[SET_NUMBER_KEY1];
		entry->when = (int64) numbers[SET_NUMBER_WHEN];
		entry->ref = (int64) numbers[SET_NUMBER_REF];
		if (stride == SET_STRIDE_EXTRA)
		{
			uint64		number = numbers[SET_NUMBER_EXTRA];
			SetExtra	extra = {0};

			extra.institution = (uint32) (number >> 3) - 1;
			extra.eligible = number >> 1 & 3;
			extra.ref_is_null = (number & 1) != 0;
			*set_entry_extra(entry) = extra;
		}
	}
}

/* ---------- writing ---------- */

/*
 * Say of a set that the Agg node it is the state of gives it to another, which
 * merges it, and nobody else uses it.  "result" is the context of what that node
 * returns.
 *
 * A worker sends it flat, and it is freed once it is.  PostgreSQL before 16 makes
 * it flat already as the node returns it, and copies that where it is sent: there
 * the first is a pointer instead.
 *
 * In the leader it goes to the other node in tuples that live no longer than it
 * does, but are formed and materialized: all they hold is the pointer, and
 * set_taken_over() makes it the other node's own.  To make it flat would be a
 * third of what two processes need beyond their scans.
 */
void
set_hand_over(FirstLoanSet *set, MemoryContext result)
{
	set->handed_over = true;
#if PG_VERSION_NUM < 160000
	set->pointer_for = result;
#endif
}

/* Is the flat form asked for a pointer to the set? */
static inline bool
flat_is_pointer(const FirstLoanSet *set)
{
	return set->handed_over &&
		(!IsParallelWorker() || set->pointer_for == CurrentMemoryContext);
}

static Size
set_get_flat_size(ExpandedObjectHeader *eohptr)
{
	FirstLoanSet *set = (FirstLoanSet *) eohptr;
	Size		width;
	Size		size;

	set_check_not_released(set);
	if (flat_is_pointer(set))
		return EXPANDED_POINTER_SIZE;
	if (set->flat_size != 0)
		return set->flat_size;

	if (set->names == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(set->hdr.eoh_context);

		set->names = set_layout_names(&set->layout, &set->names_size);
		MemoryContextSwitchTo(old);
	}

	frame_of_set(set);
	width = frame_width(&set->frame);
	size = MAXALIGN(sizeof(FlatSet)) + MAXALIGN(sizeof(SetFrame)) +
		MAXALIGN(set->names_size) + FLAT_SLACK;
	for (uint32 i = 0; i < set->ninstitutions; i++)
		size += MAXALIGN(sizeof(uint64)) + MAXALIGN(set->institutions[i].length);
	size += sizeof(FlatPart) * set_nparts(set);
	for (uint32 i = 0; i < set_nparts(set); i++)
		size += MAXALIGN(set->parts[i].n * width) + set->parts[i].arena_used;

	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("first-loan set of %zu bytes exceeds the maximum of %zu bytes for a value",
						size, (Size) MaxAllocSize),
				 errdetail("It has " INT64_FORMAT " members.", set_cardinality(set)),
				 errhint("Make a set of each slice of the borrowers, WHERE first_loan.borrower_slice(borrower, 8) = 0 and so on.")));
	set->flat_size = size;
	return size;
}

static void
set_flatten_into(ExpandedObjectHeader *eohptr, void *result,
				 Size allocated_size)
{
	FirstLoanSet *set = (FirstLoanSet *) eohptr;
	FlatSet    *flat = result;
	char	   *out = (char *) result + MAXALIGN(sizeof(FlatSet));
	FlatPart   *directory;
	char	   *members;

	if (flat_is_pointer(set))
	{
		Assert(allocated_size == EXPANDED_POINTER_SIZE);
		memcpy(result, set->hdr.eoh_ro_ptr, EXPANDED_POINTER_SIZE);
		set->pointer_for = NULL;

		/* the leader will wait for its workers now */
		if (!IsParallelWorker())
			set_settle(set);
		return;
	}

	Assert(allocated_size == set->flat_size);
	set_advise_huge_pages(result, allocated_size);
	memset(result, 0, out - (char *) result);
	SET_VARSIZE(flat, allocated_size);
	flat->version = FLAT_VERSION;
	flat->key_class = set->layout.key_class;
	flat->ref_class = set->layout.ref_class;
	flat->when_class = set->layout.when_class;
	flat->flags = (set->has_extra ? FLAT_HAS_EXTRA : 0) | (set->narrow ? FLAT_NARROW : 0);
	flat->log2parts = set->log2parts;
	flat->period_kind = set->period.kind;
	flat->period_lower = set->period.lower;
	flat->period_upper = set->period.upper;
	flat->names_size = set->names_size;
	flat->ninstitutions = set->ninstitutions;
	flat->members = set_cardinality(set);
	flat->seed = set->seed;

	memset(out, 0, MAXALIGN(sizeof(SetFrame)));
	memcpy(out, &set->frame, sizeof(SetFrame));
	out += MAXALIGN(sizeof(SetFrame));

	memset(out, 0, MAXALIGN(set->names_size));
	memcpy(out, set->names, set->names_size);
	out += MAXALIGN(set->names_size);

	for (uint32 i = 0; i < set->ninstitutions; i++)
	{
		SetInstitution *institution = &set->institutions[i];

		*(uint64 *) out = institution->length;
		out += MAXALIGN(sizeof(uint64));
		memset(out, 0, MAXALIGN(institution->length));
		memcpy(out, institution->image, institution->length);
		out += MAXALIGN(institution->length);
	}

	directory = (FlatPart *) out;
	out += sizeof(FlatPart) * set_nparts(set);
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		SetPart    *part = &set->parts[i];

		directory[i].n = part->n;
		directory[i].arena_used = part->arena_used;
		members = out;
		out = for_stride_of(set, pack_members, set, part, out);
		memset(out, 0, FLAT_SLACK);
		out = members + MAXALIGN(out - members);
		if (part->arena_used > 0)
			memcpy(out, part->arena, part->arena_used);
		out += part->arena_used;
	}
	memset(out, 0, FLAT_SLACK);
	Assert(out + FLAT_SLACK == (char *) result + allocated_size);
	if (set->handed_over)
		set_release(set);
}

/* ---------- reading ---------- */

/*
 * Names of types are looked up once for many small sets of the same types.
 * Any change of a type or collation forgets what was found.
 */
static char *cached_names = NULL;
static Size cached_names_size;
static SetLayout cached_layout;

static void
forget_layout(Datum arg, int cacheid, uint32 hashvalue)
{
	if (cached_names)
		pfree(cached_names);
	cached_names = NULL;
}

static void
layout_of_names(SetLayout *layout, SetWhenClass when_class,
				const char *names, Size size)
{
	static bool registered = false;
	char	   *copy;

	if (cached_names && cached_names_size == size &&
		memcmp(cached_names, names, size) == 0)
	{
		*layout = cached_layout;
		layout->when_class = when_class;
		return;
	}

	if (!registered)
	{
		CacheRegisterSyscacheCallback(TYPEOID, forget_layout, (Datum) 0);
		CacheRegisterSyscacheCallback(COLLOID, forget_layout, (Datum) 0);
		CacheRegisterSyscacheCallback(NAMESPACEOID, forget_layout, (Datum) 0);
		registered = true;
	}
	set_layout_from_names(layout, when_class, names, size, NULL);

	/* the look-ups may have processed invalidations: fill the cache last */
	copy = MemoryContextAlloc(TopMemoryContext, size);
	memcpy(copy, names, size);
	forget_layout((Datum) 0, 0, 0);
	cached_names = copy;
	cached_names_size = size;
	cached_layout = *layout;
}

static void
damaged(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored first-loan set is damaged"),
			 errdetail_internal("%s", what)));
}

/* The byte of a text key that says what the others are; see set_core.c. */
#ifdef WORDS_BIGENDIAN
#define TAG_VARIES(frame) (((frame)->differ[SET_NUMBER_KEY1] & 0xFF) != 0)
#else
#define TAG_VARIES(frame) ((frame)->differ[SET_NUMBER_KEY1] >> 56 != 0)
#endif

/*
 * Are all members sound, as set_entry_is_sound() has it, for what they have in
 * common?
 */
static bool
frame_is_sound(const FirstLoanSet *set, const SetFrame *frame)
{
	static const SetPart nothing;
	SetEntry	first;

	/* they hold nothing but numbers, and those of a key are all good ones */
	if (set->narrow)
		return true;
	if (set->has_extra || set->layout.ref_class != SET_REF_INT ||
		set->layout.key_class == SET_KEY_GENERIC ||
		(set->layout.key_class == SET_KEY_TEXT && TAG_VARIES(frame)) ||
		frame->differ[SET_NUMBER_WHEN] >> 56 != 0)
		return false;
	first.key[0] = frame->first[SET_NUMBER_KEY0];
	first.key[1] = frame->first[SET_NUMBER_KEY1];
	first.ref = (int64) frame->first[SET_NUMBER_REF];

	/* if the bits that differ made it the least */
	first.when = (int64) (frame->first[SET_NUMBER_WHEN] & ~frame->differ[SET_NUMBER_WHEN]);
	return set_entry_is_sound(set, &nothing, &first);
}

/* The dictionary of institutions of a view; returns where it ends. */
static const char *
view_institutions(FirstLoanSet *set, uint32 n, const char *in, const char *end)
{
	const SetColumn *column = &set->layout.institution;

	if (!OidIsValid(column->typid) || !set->has_extra ||
		n > (end - in) / MAXALIGN(sizeof(uint64)))
		damaged("Its institutions are cut off.");
	set->institutions = palloc_extended(n * sizeof(SetInstitution),
										MCXT_ALLOC_HUGE);
	set->ninstitutions = n;
	for (uint32 i = 0; i < n; i++)
	{
		SetInstitution *institution = &set->institutions[i];
		uint64		len;
		char	   *copy;

		if (end - in < MAXALIGN(sizeof(uint64)))
			damaged("Its institutions are cut off.");
		len = *(const uint64 *) in;
		in += MAXALIGN(sizeof(uint64));
		if (len > end - in || MAXALIGN(len) > end - in ||
			(column->typbyval && len != sizeof(Datum)) ||
			(column->typlen > 0 && !column->typbyval && len != column->typlen) ||
			(column->typlen == -2 && (len == 0 || in[len - 1] != '\0')))
			damaged("Its institutions are cut off.");
		if (column->typbyval)
			institution->value = *(const Datum *) in;
		else if (column->typlen == -1)
		{
			copy = palloc(len + VARHDRSZ);
			SET_VARSIZE(copy, len + VARHDRSZ);
			memcpy(copy + VARHDRSZ, in, len);
			institution->value = PointerGetDatum(copy);
		}
		else
			institution->value = PointerGetDatum(in);
		in += MAXALIGN(len);
	}
	return in;
}

/*
 * A set whose partitions lie in the flat value.  It can be read and merged from
 * but not added to.  Every offset is checked: what the storage gives back may
 * be damaged, and must not take the server down.
 */
static FirstLoanSet *
set_view(const struct varlena *value)
{
	const FlatSet *flat = (const FlatSet *) value;
	const char *in = (const char *) value;
	const char *end = in + VARSIZE(value);
	FirstLoanSet *set;
	SetView    *view;
	const FlatPart *directory;
	Size		width;
	Size		slack;
	uint32		nparts;
	uint32		largest = 0;
	int64		members = 0;

	if (VARSIZE(value) < MAXALIGN(sizeof(FlatSet)))
		damaged("It is shorter than its header.");
	if (flat->version < 1 || flat->version > FLAT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("stored first-loan set has format version %u, which this version of first_loan does not read",
						flat->version)));
	if (flat->key_class < SET_KEY_FIXED || flat->key_class > SET_KEY_GENERIC ||
		flat->ref_class < SET_REF_INT || flat->ref_class > SET_REF_GENERIC ||
		flat->when_class < SET_WHEN_DATE || flat->when_class > SET_WHEN_TIMESTAMPTZ ||
		(flat->flags & ~(FLAT_HAS_EXTRA | FLAT_NARROW)) != 0 || flat->log2parts > 24 ||
		flat->period_kind > SET_PERIOD_RANGE)
		damaged("Its header holds impossible values.");
	in += MAXALIGN(sizeof(FlatSet));
	view = palloc0(sizeof(SetView));
	view->flat = flat;
	if (flat->version > 1)
	{
		if (end - in < MAXALIGN(sizeof(SetFrame)))
			damaged("It is shorter than its header.");
		memcpy(&view->frame, in, sizeof(SetFrame));
		in += MAXALIGN(sizeof(SetFrame));
	}
	if (flat->names_size > end - in || MAXALIGN(flat->names_size) > end - in)
		damaged("The names of its types are cut off.");

	set = palloc0(sizeof(FirstLoanSet));
	set->view = view;
	layout_of_names(&set->layout, flat->when_class, in, flat->names_size);
	in += MAXALIGN(flat->names_size);
	if (flat->ref_class == SET_REF_INT && set->layout.ref_class != SET_REF_INT)
		damaged("Its references are not of the type it names.");

	/*
	 * The entries are in the form of the classes that were stored.  These can
	 * differ from what the types imply now (a collation that was made
	 * nondeterministic, say); set_merge_view() compares them.
	 */
	set->layout.key_class = flat->key_class;
	set->layout.ref_class = flat->ref_class;
	if (flat->key_class == SET_KEY_FIXED &&
		(set->layout.borrower.typlen <= 0 || set->layout.borrower.typlen > 16))
		damaged("Its borrowers are not of the type it names.");
	if (flat->key_class == SET_KEY_TEXT && set->layout.borrower.typlen != -1)
		damaged("Its borrowers are not of the type it names.");
	set->period.kind = flat->period_kind;
	set->period.lower = flat->period_lower;
	set->period.upper = flat->period_upper;
	set->has_extra = (flat->flags & FLAT_HAS_EXTRA) != 0;
	set->narrow = (flat->flags & FLAT_NARROW) != 0;
	set->stride = set_stride(set->narrow, set->has_extra);
	if (set->narrow && (flat->version == 1 || set->has_extra ||
						!set_layout_may_be_narrow(&set->layout) ||
						view->frame.differ[SET_NUMBER_KEY1] > PG_UINT32_MAX ||
						view->frame.differ[SET_NUMBER_WHEN] > PG_UINT32_MAX))
		damaged("Its header holds impossible values.");
	set->log2parts = flat->log2parts;
	set->seed = flat->seed;

	if (flat->ninstitutions > 0)
		in = view_institutions(set, flat->ninstitutions, in, end);

	width = flat->version == 1 ? set->stride : frame_width(&view->frame);
	slack = flat->version == 1 ? 0 : FLAT_SLACK;
	nparts = set_nparts(set);
	if (slack > end - in || nparts > (end - in - slack) / sizeof(FlatPart))
		damaged("Its directory is cut off.");
	end -= slack;
	directory = (const FlatPart *) in;
	in += nparts * sizeof(FlatPart);
	set->parts = palloc_extended(nparts * sizeof(SetPart),
								 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	view->members = palloc_extended(nparts * sizeof(char *), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < nparts; i++)
	{
		SetPart    *part = &set->parts[i];

		/* only one borrower can differ from the others in nothing */
		if (directory[i].n > (width > 0 ? (end - in) / width : 1) ||
			directory[i].n > PG_INT32_MAX)
			damaged("Its members are cut off.");
		part->n = part->size = directory[i].n;
		part->nchunks = (part->n + SET_CHUNK - 1) / SET_CHUNK;
		view->members[i] = in;
		in += MAXALIGN(part->n * width);
		if (in > end || directory[i].arena_used > end - in ||
			directory[i].arena_used % MAXIMUM_ALIGNOF != 0)
			damaged("Its members are cut off.");
		part->arena = (char *) in;
		part->arena_used = part->arena_size = directory[i].arena_used;
		in += part->arena_used;
		members += part->n;
		largest = Max(largest, part->n);
	}
	if (in != end || members != flat->members)
		damaged("Its length is not that of its members.");
	set->members = members;
	view->sound = flat->version > 1 && frame_is_sound(set, &view->frame);
	view->unpacked = palloc_extended((Size) largest * set->stride, MCXT_ALLOC_HUGE);
	view->chunks = palloc_extended(((Size) largest / SET_CHUNK + 1) * sizeof(char *),
								   MCXT_ALLOC_HUGE);
	for (Size i = 0; i <= largest / SET_CHUNK; i++)
		view->chunks[i] = view->unpacked + i * SET_CHUNK * set->stride;
	return set;
}

/* A partition of a view, until the next is asked for. */
const SetPart *
set_view_part(const FirstLoanSet *set, uint32 i)
{
	SetView    *view = set->view;
	SetPart    *part = &set->parts[i];
	const char *in = view->members[i];

	if (view->flat->version == 1)
		memcpy(view->unpacked, in, (Size) part->n * set->stride);
	else
		for_stride_of(set, unpack_members, view->frame, in, view->unpacked, part->n);
	part->chunks = view->chunks;
	for (uint32 j = 0; j < part->n && !view->sound; j++)
	{
		if (!set_entry_is_sound(set, part, set_entry(set, part, j)))
			damaged("One of its members points outside of it.");
	}
	return part;
}

/*
 * Merge from a view.  Where keys go by the type's own hash, or the set comes
 * from another cluster, or the types imply another form now, each member is
 * added as a row: seed, hash functions and collations may have changed since
 * it was stored.
 */
static void
set_merge_view(FirstLoanSet *target, const FirstLoanSet *view)
{
	if (target->layout.key_class == view->layout.key_class &&
		target->layout.ref_class == view->layout.ref_class &&
		view->layout.key_class != SET_KEY_GENERIC &&
		target->seed == view->seed)
	{
		set_merge(target, view);
		return;
	}

	set_check_period(target, &view->period);
	for (uint32 i = 0; i < set_nparts(view); i++)
	{
		const SetPart *part = set_source_part(view, i);

		for (uint32 j = 0; j < part->n; j++)
		{
			SetKeyBuffer buf;
			SetRow		row;

			set_entry_row(view, part, set_place(view, part, j), &buf, &row);
			set_add(target, &row);
		}
	}
}

/*
 * The same with every row in its place.  From PostgreSQL 16 on, the state of one
 * aggregate is given to another as it is, without having been flattened.
 */
static FirstLoanSet *
settled_set(Datum datum)
{
	FirstLoanSet *set = set_of_expanded(datum);

	set_settle(set);
	return set;
}

/* Copy a set, for an aggregate or else into the current context. */
static FirstLoanSet *
set_copy(const FirstLoanSet *source, MemoryContext aggregate)
{
	SetLayout	layout = source->layout;
	FirstLoanSet *set;

	/* a view's classes are what was stored: use what the types imply now */
	set_layout_complete(&layout, NULL);
	set = aggregate ? set_create_for_aggregate(aggregate, &layout) :
		set_create(CurrentMemoryContext, &layout);
	set->period = source->period;
	set_merge_view(set, source);
	return set;
}

static FirstLoanSet *
set_from_flat(Datum datum, MemoryContext aggregate)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext,
											   "first_loan_set view",
											   ALLOCSET_SMALL_SIZES);
	FirstLoanSet *view;
	FirstLoanSet *set;

	MemoryContextSwitchTo(work);
	view = set_view(PG_DETOAST_DATUM(datum));
	MemoryContextSwitchTo(caller);
	set = set_copy(view, aggregate);
	MemoryContextDelete(work);
	return set;
}

/* A set that is only read; it may be compacted, which changes nothing in it. */
FirstLoanSet *
set_for_reading(Datum datum)
{
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		return settled_set(datum);
	return set_from_flat(datum, NULL);
}

/* A copy of a set, to be added to. */
static FirstLoanSet *
set_new_copy(Datum datum, MemoryContext aggregate)
{
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		return set_copy(settled_set(datum), aggregate);
	return set_from_flat(datum, aggregate);
}

/* The state of an aggregate, to be added to. */
FirstLoanSet *
set_for_writing(Datum datum, MemoryContext aggregate)
{
	if (VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(datum)))
		return set_of_expanded(datum);
	return set_new_copy(datum, aggregate);
}

/* The same of a set from elsewhere, itself where nobody else uses it. */
FirstLoanSet *
set_taken_over(Datum datum, MemoryContext aggregate)
{
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
	{
		FirstLoanSet *set = set_of_expanded(datum);

		if (set->handed_over)
		{
			set->handed_over = false;
			MemoryContextSetParent(set->hdr.eoh_context, aggregate);
			return set;
		}
	}
	return set_new_copy(datum, aggregate);
}

void
set_merge_datum(FirstLoanSet *target, Datum datum)
{
	MemoryContext work;
	MemoryContext old;
	FirstLoanSet *view;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
	{
		view = settled_set(datum);
		set_layout_check_same(&target->layout, &view->layout);
		set_merge(target, view);
		if (view->handed_over)
			set_release(view);
		return;
	}

	work = AllocSetContextCreate(CurrentMemoryContext, "first_loan_set view",
								 ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(work);
	view = set_view(PG_DETOAST_DATUM(datum));
	set_layout_check_same(&target->layout, &view->layout);
	set_merge_view(target, view);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(work);
}

/* Number of members; of a stored set, from its header alone. */
int64
set_datum_cardinality(Datum datum)
{
	FlatSet    *flat;

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		return set_cardinality(set_of_expanded(datum));

	flat = (FlatSet *) PG_DETOAST_DATUM_SLICE(datum, 0, sizeof(FlatSet) - VARHDRSZ);
	if (VARSIZE(flat) < sizeof(FlatSet))
		damaged("It is shorter than its header.");
	if (flat->version < 1 || flat->version > FLAT_VERSION || flat->members < 0)
		damaged("Its header holds impossible values.");
	return flat->members;
}
