/*
 * first_loan_set.h
 *		Each borrower's first borrowing: the state of the aggregates, and a
 *		value that can be stored, sent and merged.
 *
 * In memory a set is an expanded object.  Its members are entries of fixed
 * width in arrays, one for each partition of the hashes.  Rows wait behind the
 * members of their partition, until there are about as many of them; then the
 * partition is settled: each borrower's first row is found by an index that is
 * made for this, in cache.  What does not fit into an entry (long keys, references
 * that are not numbers) lies in the partition's arena.
 *
 * The one order everywhere: (granted_on, ref NULLS LAST), then, so that equal
 * rows do not make the answer depend on their order, the image of ref, the
 * institution NULLS LAST and eligible (false, true, NULL).
 */
#ifndef FIRST_LOAN_SET_H
#define FIRST_LOAN_SET_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/date.h"
#include "utils/expandeddatum.h"
#include "utils/typcache.h"

#include "compat.h"

/* How a borrower is held in the 16 bytes of an entry's key. */
typedef enum SetKeyClass
{
	SET_KEY_FIXED = 1,			/* up to 16 bytes whose equality is bitwise */
	SET_KEY_TEXT = 2,			/* text: identifiers packed, short ones inline */
	SET_KEY_GENERIC = 3			/* by the type's own hash and equality */
} SetKeyClass;

typedef enum SetRefClass
{
	SET_REF_INT = 1,			/* an int64 that orders as the type does */
	SET_REF_GENERIC = 2			/* by the type's own comparison */
} SetRefClass;

/* In what granted_on is measured. */
typedef enum SetWhenClass
{
	SET_WHEN_DATE = 1,
	SET_WHEN_TIMESTAMP = 2,
	SET_WHEN_TIMESTAMPTZ = 3
} SetWhenClass;

/* The type of one column of the members. */
typedef struct SetColumn
{
	Oid			typid;			/* base type; InvalidOid: column absent */
	Oid			collation;
	int16		typlen;
	bool		typbyval;
	char		typalign;
	TypeCacheEntry *tc;			/* lives as long as the session */
} SetColumn;

typedef struct SetLayout
{
	SetColumn	borrower;
	SetColumn	ref;
	SetColumn	institution;	/* absent in a set without institutions */
	SetKeyClass key_class;
	SetRefClass ref_class;
	SetWhenClass when_class;
} SetLayout;

/*
 * The period that the final function will test, [lower, upper) in days.  An
 * unknown (NULL) period is remembered as such: it makes the result unknown.
 */
typedef enum SetPeriodKind
{
	SET_PERIOD_NONE = 0,		/* not given: everything */
	SET_PERIOD_NULL = 1,
	SET_PERIOD_RANGE = 2
} SetPeriodKind;

typedef struct SetPeriod
{
	SetPeriodKind kind;
	int32		lower;			/* first day */
	int64		upper;			/* day after the last */
} SetPeriod;

#define SET_ELIGIBLE_FALSE	0
#define SET_ELIGIBLE_TRUE	1
#define SET_ELIGIBLE_NULL	2
#define SET_NO_INSTITUTION	PG_UINT32_MAX

typedef struct SetEntry
{
	uint64		key[2];
	int64		when;			/* days, or microseconds */
	int64		ref;			/* value, or offset in the arena */
} SetEntry;

/*
 * The same in less, where days are dates, references are numbers, and every key
 * is 96 bits once what is the same in all is left out: see set_core.c.
 */
typedef struct SetNarrowEntry
{
	uint64		key;
	uint32		more;			/* of the key */
	int32		when;
	int64		ref;
} SetNarrowEntry;

/* Follows an entry in sets that need it. */
typedef struct SetExtra
{
	uint32		institution;	/* number in the dictionary */
	uint8		eligible;
	bool		ref_is_null;
	uint8		unused[2];
} SetExtra;

/*
 * For SET_KEY_TEXT the last byte of the key is the length of a text that lies
 * in the others, as it is or packed, or SET_TAG_LONG.  SET_KEY_GENERIC is always
 * out of line.  An out-of-line key has its hash in key[0], its place in key[1].
 */
#define SET_SHORT_TEXT_MAX	15
#define SET_PACKED_TEXT_MAX 20
#define SET_TAG_LONG		0x20

/*
 * A partition: an array of entries, in chunks, members first, then rows that
 * wait.  The first chunk of a small set is smaller than the others.
 */
#define SET_CHUNK_LOG2	8
#define SET_CHUNK		(1U << SET_CHUNK_LOG2)

typedef struct SetPart
{
	uint32		n;				/* members */
	uint32		limit;			/* entries, once the tail is full */
	Size		settle_at;		/* so many entries are settled */
	uint32		size;			/* entries that the chunks have room for */
	uint32		nchunks;
	char	  **chunks;
	char	   *arena;
	Size		arena_used;
	Size		arena_size;
	Size		arena_garbage;	/* bytes no entry points to */
} SetPart;

/* Where the next row of a partition is put; by itself, as all must be in cache. */
typedef struct SetTail
{
	char	   *next;
	char	   *end;
} SetTail;

typedef struct SetInstitution
{
	Datum		value;
	const char *image;
	Size		length;
	uint32		hash;
} SetInstitution;

/*
 * What the members of a set have in common, and need not be stored with each: of
 * each of an entry's numbers, the bits in which they do not differ.
 */
typedef enum SetNumber
{
	SET_NUMBER_KEY0,
	SET_NUMBER_KEY1,
	SET_NUMBER_WHEN,
	SET_NUMBER_REF,
	SET_NUMBER_EXTRA,
	SET_NUMBERS
} SetNumber;

typedef struct SetFrame
{
	uint64		first[SET_NUMBERS]; /* of one of the members */
	uint64		differ[SET_NUMBERS];	/* bits in which members differ */
} SetFrame;

typedef struct FirstLoanSet
{
	ExpandedObjectHeader hdr;
	SetLayout	layout;
	SetPeriod	period;
	bool		has_extra;
	bool		narrow;			/* of several partitions, of narrow entries */
	bool		wide_key;		/* there was a key that is not narrow */
	uint32		stride;			/* bytes from entry to entry */
	uint32		row_stride;		/* the same where rows come in: never narrow */
	uint64		seed;			/* of the hash */
	uint64		second_seed;
	int			log2parts;
	SetPart    *parts;
	SetPart		first_part;		/* parts, while there is one */
	SetTail    *tails;			/* one for each of parts */
	SetTail		first_tail;
	SetTail    *incoming;		/* the only tail, or else "gather" */
	SetTail		gather;			/* rows that are still to be distributed */
	char	   *gathered;		/* where they begin */
	uint64		members;
	uint32	   *index;			/* room for the index of a partition */
	Size		index_size;
	struct SetSlab *slabs;		/* what chunks are cut from */
	char	   *slab_next;
	Size		slab_left;
	char	   *free_chunks;	/* each begins with the pointer to the next */
	Size		memory;			/* bytes of all of these, and of arenas */

	/* dictionary of institutions */
	SetInstitution *institutions;
	uint32		ninstitutions;
	uint32		last_institution;
	uint32	   *institution_table;	/* open addressing: number + 1, or 0 */
	uint32		institution_table_size;

	/* made for the flat form; flat_size is 0 where it is out of date */
	Size		flat_size;
	SetFrame	frame;
	char	   *names;
	Size		names_size;

	struct SetView *view;		/* of a stored set, NULL in all others */
	bool		handed_over;	/* who is given it next is the last user */
	MemoryContext pointer_for;	/* where a copy is a pointer */
	bool		released;		/* it is of no more use to anyone */
} FirstLoanSet;

/* One row as the aggregates see it. */
typedef struct SetRow
{
	Datum		borrower;
	int64		when;
	Datum		ref;
	bool		ref_is_null;
	Datum		institution;
	bool		institution_is_null;
	uint8		eligible;
} SetRow;

#define set_nparts(set) (1U << (set)->log2parts)
#define SET_STRIDE_EXTRA (sizeof(SetEntry) + sizeof(SetExtra))
#define set_stride(narrow, has_extra) \
	((narrow) ? sizeof(SetNarrowEntry) : (has_extra) ? SET_STRIDE_EXTRA : sizeof(SetEntry))
#define set_entry_of(stride, part, i) \
	((SetEntry *) ((part)->chunks[(i) >> SET_CHUNK_LOG2] + \
				   (Size) ((i) & (SET_CHUNK - 1)) * (stride)))
#define set_entry(set, part, i) set_entry_of((set)->stride, part, i)
#define set_entry_extra(entry) ((SetExtra *) ((SetEntry *) (entry) + 1))

/* An entry of either form, as it lies in a partition. */
#define set_place(set, part, i) ((void *) set_entry(set, part, i))

/* set_layout.c: what the types of the columns imply */
extern void set_layout_init(SetLayout *layout, Oid borrower, Oid granted_on,
							Oid ref, Oid institution, Oid collation);
extern void set_layout_check_same(const SetLayout *a, const SetLayout *b);
extern char *set_collation_name(Oid collation);
extern char *set_layout_names(const SetLayout *layout, Size *size);
extern bool set_layout_from_names(SetLayout *layout, SetWhenClass when_class,
								  const char *names, Size size,
								  Node *escontext);
extern bool set_column_from_name(SetColumn *column, const char *type,
								 const char *collation, Node *escontext);
extern bool set_layout_complete(SetLayout *layout, Node *escontext);
extern bool set_layout_may_be_narrow(const SetLayout *layout);

/* set_core.c: adding, settling, merging */
extern int	set_max_state_memory;	/* kB, or -1 */
extern FirstLoanSet *set_create(MemoryContext parent, const SetLayout *layout);
extern FirstLoanSet *set_create_for_aggregate(MemoryContext aggregate,
											  const SetLayout *layout);
extern void set_add(FirstLoanSet *set, const SetRow *row);
extern void set_merge(FirstLoanSet *target, const FirstLoanSet *source);
extern void set_check_period(const FirstLoanSet *set, const SetPeriod *period);
extern void set_advise_huge_pages(void *memory, Size size);
extern void set_settle(FirstLoanSet *set);
extern void set_distribute(FirstLoanSet *set);
extern void set_trim_part(FirstLoanSet *set, SetPart *part);
extern void set_release(FirstLoanSet *set);
extern int64 set_cardinality(FirstLoanSet *set);
extern uint32 set_intern_institution(FirstLoanSet *set, Datum value);

/* What an entry of either form holds, as values; keys are built in buf. */
typedef struct SetKeyBuffer
{
	SetEntry	entry;
	char		data[VARHDRSZ + 24];
} SetKeyBuffer;

extern Datum set_entry_borrower(const FirstLoanSet *set, const SetPart *part,
								const void *place, SetKeyBuffer *buf);
extern Datum set_entry_ref(const FirstLoanSet *set, const SetPart *part,
						   const void *place, bool *isnull);
extern Datum set_ref_datum(const FirstLoanSet *set, int64 ref);
extern void set_entry_row(const FirstLoanSet *set, const SetPart *part,
						  const void *place, SetKeyBuffer *buf,
						  SetRow *row);
extern bool set_entry_is_sound(const FirstLoanSet *set, const SetPart *part,
							   const SetEntry *entry);
extern int	set_entry_cmp(const FirstLoanSet *set,
						  const SetPart *apart, const void *a,
						  const SetPart *bpart, const void *b);

static inline int64
set_entry_when(const FirstLoanSet *set, const void *place)
{
	return set->narrow ? ((const SetNarrowEntry *) place)->when : ((const SetEntry *) place)->when;
}

static inline int64
set_entry_ref_number(const FirstLoanSet *set, const void *place)
{
	return set->narrow ? ((const SetNarrowEntry *) place)->ref : ((const SetEntry *) place)->ref;
}

extern int	set_borrower_cmp(const FirstLoanSet *set, Datum a, Datum b);
extern int	set_institution_cmp(const FirstLoanSet *set, uint32 a, uint32 b);
extern int	set_value_cmp(const SetColumn *column, Datum a, Datum b);

/* set_flat.c: the stored form */
extern const ExpandedObjectMethods set_methods;
extern void set_hand_over(FirstLoanSet *set, MemoryContext result);

static inline void
set_check_not_released(const FirstLoanSet *set)
{
	if (unlikely(set->released))
		elog(ERROR, "first_loan_set is used after it was handed over");
}

/* The set behind an expanded datum, which may still have rows that wait. */
static inline FirstLoanSet *
set_of_expanded(Datum datum)
{
	ExpandedObjectHeader *eoh = DatumGetEOHP(datum);

	if (eoh->eoh_methods != &set_methods)
		elog(ERROR, "expanded object is not a first_loan_set");
	set_check_not_released((FirstLoanSet *) eoh);
	return (FirstLoanSet *) eoh;
}

extern const SetPart *set_view_part(const FirstLoanSet *set, uint32 i);

/* The partition of a set that is only read. */
static inline const SetPart *
set_source_part(const FirstLoanSet *set, uint32 i)
{
	return set->view ? set_view_part(set, i) : &set->parts[i];
}

extern FirstLoanSet *set_for_reading(Datum datum);
extern FirstLoanSet *set_for_writing(Datum datum, MemoryContext aggregate);
extern FirstLoanSet *set_taken_over(Datum datum, MemoryContext aggregate);
extern void set_merge_datum(FirstLoanSet *target, Datum datum);
extern int64 set_datum_cardinality(Datum datum);

/* set_readers.c: members in the one order, and what is made of them */
typedef struct SetMember
{
	int64		when;
	int64		ref;
	const void *entry;
	const SetPart *part;
} SetMember;

extern SetMember *set_sorted_members(FirstLoanSet *set,
									 const SetPeriod *period, int64 *n);
extern SetPeriod set_period_from_range(Datum range);
extern Datum set_refs_array(FirstLoanSet *set, const SetPeriod *period,
							Oid element_type);
extern Datum set_counts_array(FirstLoanSet *set, const SetPeriod *period,
							  Oid array_type);

#endif							/* FIRST_LOAN_SET_H */
