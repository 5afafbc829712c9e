/*
 * set_flat.c
 *		The stored form of a set, which is also how workers hand theirs over.
 *
 * header | names of types | institutions | directory | partitions
 *
 * Each part begins at a multiple of MAXALIGN.  The numbers are the machine's
 * own, as in every stored value of PostgreSQL; what travels to other machines
 * is the binary form of set_io.c.
 */
#include "postgres.h"

#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "first_loan_set.h"

#define FLAT_HAS_EXTRA		0x01

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

static Size set_get_flat_size(ExpandedObjectHeader *eohptr);
static void set_flatten_into(ExpandedObjectHeader *eohptr, void *result,
							 Size allocated_size);

const ExpandedObjectMethods set_methods = {
	set_get_flat_size,
	set_flatten_into
};

static Size
set_get_flat_size(ExpandedObjectHeader *eohptr)
{
	FirstLoanSet *set = (FirstLoanSet *) eohptr;
	Size		size;

	if (set->flat_size != 0)
		return set->flat_size;

	set_trim(set);
	if (set->names == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(set->hdr.eoh_context);

		set->names = set_layout_names(&set->layout, &set->names_size);
		MemoryContextSwitchTo(old);
	}

	size = MAXALIGN(sizeof(FlatSet)) + MAXALIGN(set->names_size);
	for (uint32 i = 0; i < set->ninstitutions; i++)
		size += MAXALIGN(sizeof(uint64)) + MAXALIGN(set->institutions[i].length);
	size += sizeof(FlatPart) * set_nparts(set);
	for (uint32 i = 0; i < set_nparts(set); i++)
		size += (Size) set->parts[i].n * set->stride + set->parts[i].arena_used;

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

	Assert(allocated_size == set->flat_size);
	set_advise_huge_pages(result, allocated_size);
	memset(result, 0, out - (char *) result);
	SET_VARSIZE(flat, allocated_size);
	flat->version = SET_FORMAT_VERSION;
	flat->key_class = set->layout.key_class;
	flat->ref_class = set->layout.ref_class;
	flat->when_class = set->layout.when_class;
	flat->flags = set->has_extra ? FLAT_HAS_EXTRA : 0;
	flat->log2parts = set->log2parts;
	flat->period_kind = set->period.kind;
	flat->period_lower = set->period.lower;
	flat->period_upper = set->period.upper;
	flat->names_size = set->names_size;
	flat->ninstitutions = set->ninstitutions;
	flat->members = set_cardinality(set);
	flat->seed = set->seed;

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
		for (uint32 j = 0; j < part->n; j += SET_CHUNK)
			memcpy(out + (Size) j * set->stride, set_entry(set, part, j),
				   Min(SET_CHUNK, part->n - j) * set->stride);
		out += (Size) part->n * set->stride;
		if (part->arena_used > 0)
			memcpy(out, part->arena, part->arena_used);
		out += part->arena_used;
	}
	Assert(out == (char *) result + allocated_size);
}

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
	const FlatPart *directory;
	uint32		nparts;
	int64		members = 0;

	if (VARSIZE(value) < MAXALIGN(sizeof(FlatSet)))
		damaged("It is shorter than its header.");
	if (flat->version != SET_FORMAT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("stored first-loan set has format version %u, which this version of first_loan does not read",
						flat->version)));
	if (flat->key_class < SET_KEY_FIXED || flat->key_class > SET_KEY_GENERIC ||
		flat->ref_class < SET_REF_INT || flat->ref_class > SET_REF_GENERIC ||
		flat->when_class < SET_WHEN_DATE || flat->when_class > SET_WHEN_TIMESTAMPTZ ||
		(flat->flags & ~FLAT_HAS_EXTRA) != 0 || flat->log2parts > 24 ||
		flat->period_kind > SET_PERIOD_RANGE)
		damaged("Its header holds impossible values.");
	in += MAXALIGN(sizeof(FlatSet));
	if (flat->names_size > end - in || MAXALIGN(flat->names_size) > end - in)
		damaged("The names of its types are cut off.");

	set = palloc0(sizeof(FirstLoanSet));
	layout_of_names(&set->layout, flat->when_class, in, flat->names_size);
	in += MAXALIGN(flat->names_size);

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
	set->stride = sizeof(SetEntry) + (set->has_extra ? sizeof(SetExtra) : 0);
	set->log2parts = flat->log2parts;
	set->seed = flat->seed;

	if (flat->ninstitutions > 0)
	{
		const SetColumn *column = &set->layout.institution;

		if (!OidIsValid(column->typid) || !set->has_extra ||
			flat->ninstitutions > (end - in) / MAXALIGN(sizeof(uint64)))
			damaged("Its institutions are cut off.");
		set->institutions = palloc_extended(flat->ninstitutions * sizeof(SetInstitution),
											MCXT_ALLOC_HUGE);
		set->ninstitutions = flat->ninstitutions;
		for (uint32 i = 0; i < flat->ninstitutions; i++)
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
	}

	nparts = set_nparts(set);
	if (nparts > (end - in) / sizeof(FlatPart))
		damaged("Its directory is cut off.");
	directory = (const FlatPart *) in;
	in += nparts * sizeof(FlatPart);
	set->parts = palloc_extended(nparts * sizeof(SetPart),
								 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 i = 0; i < nparts; i++)
	{
		SetPart    *part = &set->parts[i];

		if (directory[i].n > (end - in) / set->stride)
			damaged("Its members are cut off.");
		part->n = part->size = directory[i].n;
		part->nchunks = (uint32) (((uint64) part->n + SET_CHUNK - 1) / SET_CHUNK);
		part->chunks = palloc_extended(Max(part->nchunks, 1) * sizeof(char *),
									   MCXT_ALLOC_HUGE);
		for (uint32 j = 0; j < part->nchunks; j++)
			part->chunks[j] = (char *) in + (Size) j * SET_CHUNK * set->stride;
		in += (Size) part->n * set->stride;
		if (directory[i].arena_used > end - in ||
			directory[i].arena_used % MAXIMUM_ALIGNOF != 0)
			damaged("Its members are cut off.");
		part->arena = (char *) in;
		part->arena_used = part->arena_size = directory[i].arena_used;
		in += part->arena_used;
		members += part->n;

		for (uint32 j = 0; j < part->n; j++)
		{
			if (!set_entry_is_sound(set, part, set_entry(set, part, j)))
				damaged("One of its members points outside of it.");
		}
	}
	if (in != end || members != flat->members)
		damaged("Its length is not that of its members.");
	set->members = members;
	return set;
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
		const SetPart *part = &view->parts[i];

		for (uint32 j = 0; j < part->n; j++)
		{
			SetKeyBuffer buf;
			SetRow		row;

			set_entry_row(view, part, set_entry(view, part, j), &buf, &row);
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

/* The state of an aggregate, to be added to. */
FirstLoanSet *
set_for_writing(Datum datum, MemoryContext aggregate)
{
	if (VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(datum)))
		return set_of_expanded(datum);
	return set_new_copy(datum, aggregate);
}

/* The same, never the set that was given. */
FirstLoanSet *
set_new_copy(Datum datum, MemoryContext aggregate)
{
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		return set_copy(settled_set(datum), aggregate);
	return set_from_flat(datum, aggregate);
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
	if (flat->version != SET_FORMAT_VERSION || flat->members < 0)
		damaged("Its header holds impossible values.");
	return flat->members;
}
