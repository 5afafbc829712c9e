/*
 * set_readers.c
 *		What can be read from a set: its members in the one order, arrays of
 *		references, counts by institution.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "first_loan_set.h"

/* ---------- period ---------- */

SetPeriod
set_period_from_range(Datum range)
{
	RangeType  *value = DatumGetRangeTypeP(range);
	TypeCacheEntry *typcache = lookup_type_cache(RangeTypeGetOid(value),
												 TYPECACHE_RANGE_INFO);
	SetPeriod	period;
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	range_deserialize(typcache, value, &lower, &upper, &empty);
	memset(&period, 0, sizeof(period));
	period.kind = SET_PERIOD_RANGE;
	if (empty)
		return period;
	period.lower = lower.infinite ? PG_INT32_MIN : DatumGetDateADT(lower.val);
	if (!lower.infinite && !lower.inclusive && period.lower < PG_INT32_MAX)
		period.lower++;
	period.upper = upper.infinite ? PG_INT64_MAX : DatumGetDateADT(upper.val);
	if (!upper.infinite && upper.inclusive)
		period.upper++;
	/* to the end of time, which has one text form */
	if (period.upper >= PG_INT32_MAX)
		period.upper = PG_INT64_MAX;
	return period;
}

/* The day of a granting; of a timestamptz, in the session's time zone. */
static int32
day_of(const FirstLoanSet *set, int64 when)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			tz;

	switch (set->layout.when_class)
	{
		case SET_WHEN_DATE:
			return (int32) when;
		case SET_WHEN_TIMESTAMP:
			return (int32) (when >= 0 ? when / USECS_PER_DAY :
							-((-when + USECS_PER_DAY - 1) / USECS_PER_DAY));
		case SET_WHEN_TIMESTAMPTZ:
			if (timestamp2tm(when, &tz, &tm, &fsec, NULL, NULL) != 0)
				ereport(ERROR,
						(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						 errmsg("timestamp out of range")));
			return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
	}
	return 0;
}

static inline bool
in_period(const FirstLoanSet *set, const SetPeriod *period, int64 when)
{
	int32		day;

	if (period->kind == SET_PERIOD_NONE)
		return true;
	day = day_of(set, when);
	return day >= period->lower && day < period->upper;
}

/* ---------- members in order ---------- */

static int
member_cmp(const void *a, const void *b, void *arg)
{
	const FirstLoanSet *set = arg;
	const SetMember *x = a;
	const SetMember *y = b;
	SetKeyBuffer xbuf;
	SetKeyBuffer ybuf;
	Datum		xvalue;
	Datum		yvalue;
	int			cmp;

	if (x->when != y->when)
		return x->when < y->when ? -1 : 1;
	if (set->layout.ref_class == SET_REF_INT && !set->has_extra && x->ref != y->ref)
		return x->ref < y->ref ? -1 : 1;
	cmp = set_entry_cmp(set, x->part, x->entry, y->part, y->entry);
	if (cmp != 0)
		return cmp;

	/* one loan of several borrowers */
	xvalue = set_entry_borrower(set, x->part, x->entry, &xbuf);
	yvalue = set_entry_borrower(set, y->part, y->entry, &ybuf);
	return set_borrower_cmp(set, xvalue, yvalue);
}

/* The members whose first borrowing falls in the period, in the one order. */
SetMember *
set_sorted_members(FirstLoanSet *set, const SetPeriod *period, int64 *n)
{
	int64		count = 0;
	int64		total = set_cardinality(set);
	SetMember  *members;

	members = MemoryContextAllocHuge(CurrentMemoryContext,
									 Max(total, 1) * sizeof(SetMember));
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		SetPart    *part = &set->parts[i];

		CHECK_FOR_INTERRUPTS();
		for (uint32 j = 0; j < part->n; j++)
		{
			void	   *entry = set_place(set, part, j);
			int64		when = set_entry_when(set, entry);

			if (!in_period(set, period, when))
				continue;
			members[count].when = when;
			members[count].ref = set_entry_ref_number(set, entry);
			members[count].entry = entry;
			members[count].part = part;
			count++;
		}
	}
	qsort_arg(members, count, sizeof(SetMember), member_cmp, set);
	*n = count;
	return members;
}

static void
check_array_size(int64 n)
{
	if (n > (int64) MaxArraySize - ARR_OVERHEAD_NONULLS(1))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("array size exceeds the maximum allowed (%d)",
						(int) MaxArraySize - (int) ARR_OVERHEAD_NONULLS(1)),
				 errhint("Aggregate in groups of borrowers, or give a shorter period.")));
}

static Datum
make_array(Datum *values, bool *nulls, int64 n, Oid element_type)
{
	int			dims[1];
	int			lbs[1] = {1};
	int16		typlen;
	bool		typbyval;
	char		typalign;

	if (n == 0)
		return PointerGetDatum(construct_empty_array(element_type));
	get_typlenbyvalalign(element_type, &typlen, &typbyval, &typalign);
	dims[0] = (int) n;
	return PointerGetDatum(construct_md_array(values, nulls, 1, dims, lbs,
											  element_type, typlen, typbyval,
											  typalign));
}

static int
bits_for(uint64 range)
{
	return range == 0 ? 0 : pg_leftmost_one_pos64(range) + 1;
}

/* Radix sort by the lowest bits of the keys; tmp is as long as keys. */
static uint64 *
sort_keys(uint64 *keys, uint64 *tmp, int64 n, int bits)
{
	int			passes = Max(1, (bits + 10) / 11);
	int			width = (bits + passes - 1) / passes;
	uint64		mask = (UINT64CONST(1) << width) - 1;
	int64	   *counts = palloc0(sizeof(int64) * passes << width);

	for (int64 i = 0; i < n; i++)
	{
		uint64		key = keys[i];

		for (int pass = 0; pass < passes; pass++, key >>= width)
			counts[(pass << width) + (key & mask)]++;
	}
	for (int pass = 0; pass < passes; pass++)
	{
		int64	   *starts = counts + (pass << width);
		int			shift = pass * width;
		uint64	   *swap = keys;
		int64		position = 0;

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i <= mask; i++)
		{
			int64		count = starts[i];

			starts[i] = position;
			position += count;
		}
		for (int64 i = 0; i < n; i++)
			tmp[starts[(keys[i] >> shift) & mask]++] = keys[i];
		keys = tmp;
		tmp = swap;
	}
	pfree(counts);
	return keys;
}

/*
 * References that are numbers, where date and number together take 64 bits or
 * less of those that occur: they are sorted as one number, in the array itself.
 * NULL where they do not.
 */
static ArrayType *
sorted_int_refs(FirstLoanSet *set, const SetPeriod *period, Oid element_type)
{
	int64		total = set_cardinality(set);
	int64		count = 0;
	int64		first_when = PG_INT64_MAX;
	int64		last_when = PG_INT64_MIN;
	int64		first_ref = PG_INT64_MAX;
	int64		last_ref = PG_INT64_MIN;
	int			ref_bits;
	int			when_bits;
	uint64	   *keys;
	uint64	   *tmp;
	uint64	   *sorted;
	ArrayType  *array;
	char	   *out;

	if (set->layout.ref_class != SET_REF_INT || total < 64)
		return NULL;
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		SetPart    *part = &set->parts[i];

		CHECK_FOR_INTERRUPTS();
		for (uint32 j = 0; j < part->n; j++)
		{
			void	   *entry = set_place(set, part, j);
			int64		when = set_entry_when(set, entry);
			int64		ref = set_entry_ref_number(set, entry);

			if (!in_period(set, period, when))
				continue;
			if (set->has_extra && set_entry_extra(entry)->ref_is_null)
				return NULL;
			count++;
			first_when = Min(first_when, when);
			last_when = Max(last_when, when);
			first_ref = Min(first_ref, ref);
			last_ref = Max(last_ref, ref);
		}
	}
	if (count == 0)
		return NULL;
	ref_bits = bits_for((uint64) last_ref - (uint64) first_ref);
	when_bits = bits_for((uint64) last_when - (uint64) first_when);
	if (ref_bits + when_bits > 64 || ref_bits == 64)
		return NULL;

	check_array_size(count);
	array = palloc(ARR_OVERHEAD_NONULLS(1) + count * sizeof(uint64));
	memset(array, 0, ARR_OVERHEAD_NONULLS(1));
	array->ndim = 1;
	array->elemtype = element_type;
	ARR_DIMS(array)[0] = (int) count;
	ARR_LBOUND(array)[0] = 1;
	out = ARR_DATA_PTR(array);
	keys = (uint64 *) out;
	tmp = MemoryContextAllocHuge(CurrentMemoryContext, count * sizeof(uint64));
	set_advise_huge_pages(array, count * sizeof(uint64));
	set_advise_huge_pages(tmp, count * sizeof(uint64));

	count = 0;
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		SetPart    *part = &set->parts[i];

		CHECK_FOR_INTERRUPTS();
		for (uint32 j = 0; j < part->n; j++)
		{
			void	   *entry = set_place(set, part, j);
			int64		when = set_entry_when(set, entry);

			if (in_period(set, period, when))
				keys[count++] = ((uint64) when - (uint64) first_when) << ref_bits |
					((uint64) set_entry_ref_number(set, entry) - (uint64) first_ref);
		}
	}
	sorted = sort_keys(keys, tmp, count, ref_bits + when_bits);

	/* a reference is never wider than its key: what is overwritten was read */
	for (int64 i = 0; i < count; i++)
	{
		uint64		ref = (uint64) first_ref + (sorted[i] & ((UINT64CONST(1) << ref_bits) - 1));

		store_att_byval(out, set_ref_datum(set, (int64) ref), set->layout.ref.typlen);
		out += set->layout.ref.typlen;
	}
	pfree(tmp);
	SET_VARSIZE(array, out - (char *) array);
	return array;
}

/* Array of the references of the first borrowings in the period, in order. */
Datum
set_refs_array(FirstLoanSet *set, const SetPeriod *period, Oid element_type)
{
	int64		n;
	SetMember  *members;
	Datum	   *values;
	bool	   *nulls;
	ArrayType  *array = sorted_int_refs(set, period, element_type);

	if (array)
		return PointerGetDatum(array);

	members = set_sorted_members(set, period, &n);
	check_array_size(n);
	values = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(Datum));
	nulls = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(bool));
	for (int64 i = 0; i < n; i++)
		values[i] = set_entry_ref(set, members[i].part, members[i].entry, &nulls[i]);
	return make_array(values, nulls, n, element_type);
}

/* ---------- counts by institution ---------- */

typedef struct InstitutionCount
{
	uint32		institution;
	int64		households;
} InstitutionCount;

static int
institution_count_cmp(const void *a, const void *b, void *arg)
{
	return set_institution_cmp(arg, ((const InstitutionCount *) a)->institution,
							   ((const InstitutionCount *) b)->institution);
}

/*
 * Array of (institution, households): the members whose first borrowing falls
 * in the period and whose row says eligible, by institution, unknown one last.
 */
Datum
set_counts_array(FirstLoanSet *set, const SetPeriod *period, Oid array_type)
{
	Oid			row_type = get_element_type(array_type);
	TupleDesc	tupdesc = lookup_rowtype_tupdesc(row_type, -1);
	InstitutionCount *counts;
	Datum	   *values;
	uint32		n = set->ninstitutions + 1;
	uint32		out = 0;
	Oid			output;
	bool		isvarlena;
	FmgrInfo	output_info;

	counts = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(InstitutionCount));
	for (uint32 i = 0; i < n; i++)
	{
		counts[i].institution = i < set->ninstitutions ? i : SET_NO_INSTITUTION;
		counts[i].households = 0;
	}
	set_settle(set);
	for (uint32 i = 0; i < set_nparts(set); i++)
	{
		SetPart    *part = &set->parts[i];

		CHECK_FOR_INTERRUPTS();
		for (uint32 j = 0; j < part->n; j++)
		{
			SetEntry   *entry = set_entry(set, part, j);
			SetExtra   *extra = set_entry_extra(entry);

			if (extra->eligible == SET_ELIGIBLE_TRUE &&
				in_period(set, period, entry->when))
				counts[Min(extra->institution, set->ninstitutions)].households++;
		}
	}
	qsort_arg(counts, n, sizeof(InstitutionCount), institution_count_cmp, set);

	check_array_size(n);
	getTypeOutputInfo(set->layout.institution.typid, &output, &isvarlena);
	fmgr_info(output, &output_info);
	values = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(Datum));
	for (uint32 i = 0; i < n; i++)
	{
		Datum		row[2];
		bool		nulls[2] = {false, false};

		if (counts[i].households == 0)
			continue;
		if (counts[i].institution == SET_NO_INSTITUTION)
		{
			row[0] = (Datum) 0;
			nulls[0] = true;
		}
		else
			row[0] = CStringGetTextDatum(OutputFunctionCall(&output_info,
															set->institutions[counts[i].institution].value));
		row[1] = Int64GetDatum(counts[i].households);
		values[out++] = HeapTupleGetDatum(heap_form_tuple(tupdesc, row, nulls));
	}
	ReleaseTupleDesc(tupdesc);
	return make_array(values, NULL, out, row_type);
}

/* ---------- functions ---------- */

/* Second argument: the period, where there is one. */
static SetPeriod
optional_period(FunctionCallInfo fcinfo)
{
	SetPeriod	none = {SET_PERIOD_NONE, 0, 0};

	return PG_NARGS() > 1 ? set_period_from_range(PG_GETARG_DATUM(1)) : none;
}

typedef enum TextOf
{
	TEXT_OF_BORROWER,
	TEXT_OF_REF
} TextOf;

static Datum
text_array(FunctionCallInfo fcinfo, TextOf what)
{
	FirstLoanSet *set = set_for_reading(PG_GETARG_DATUM(0));
	SetPeriod	period = optional_period(fcinfo);
	const SetColumn *column = what == TEXT_OF_REF ?
		&set->layout.ref : &set->layout.borrower;
	int64		n;
	SetMember  *members = set_sorted_members(set, &period, &n);
	Datum	   *values;
	bool	   *nulls;
	Oid			output;
	bool		isvarlena;
	FmgrInfo	output_info;

	check_array_size(n);
	getTypeOutputInfo(column->typid, &output, &isvarlena);
	fmgr_info(output, &output_info);
	values = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(Datum));
	nulls = MemoryContextAllocHuge(CurrentMemoryContext, Max(n, 1) * sizeof(bool));
	for (int64 i = 0; i < n; i++)
	{
		SetKeyBuffer buf;
		Datum		value;

		CHECK_FOR_INTERRUPTS();
		nulls[i] = false;
		if (what == TEXT_OF_REF)
			value = set_entry_ref(set, members[i].part, members[i].entry, &nulls[i]);
		else
			value = set_entry_borrower(set, members[i].part, members[i].entry, &buf);
		values[i] = nulls[i] ? (Datum) 0 :
			CStringGetTextDatum(OutputFunctionCall(&output_info, value));
	}
	return make_array(values, nulls, n, TEXTOID);
}

/*
 * borrowers(first_loan_set [, daterange]) -> text[]: the borrowers, in the
 * order of their first borrowings, so that they stand beside refs().
 */
PG_FUNCTION_INFO_V1(first_loan_set_borrowers);
Datum
first_loan_set_borrowers(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(text_array(fcinfo, TEXT_OF_BORROWER));
}

/*
 * refs(first_loan_set [, daterange]) -> text[]: the references of the first
 * borrowings, with a period of those that fall in it, by (granted_on, ref).
 */
PG_FUNCTION_INFO_V1(first_loan_set_refs);
Datum
first_loan_set_refs(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(text_array(fcinfo, TEXT_OF_REF));
}

/* cardinality(first_loan_set): the number of borrowers; reads the header. */
PG_FUNCTION_INFO_V1(first_loan_set_cardinality);
Datum
first_loan_set_cardinality(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(set_datum_cardinality(PG_GETARG_DATUM(0)));
}

/*
 * first_loan_count(first_loan_set [, daterange]): as the aggregate of that
 * name, from a set that was made with institutions; error for one without.
 */
PG_FUNCTION_INFO_V1(first_loan_set_counts);
Datum
first_loan_set_counts(PG_FUNCTION_ARGS)
{
	FirstLoanSet *set = set_for_reading(PG_GETARG_DATUM(0));
	SetPeriod	period = optional_period(fcinfo);

	if (!OidIsValid(set->layout.institution.typid))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("first-loan set has no institutions"),
				 errhint("Make it with first_loan_set(borrower, granted_on, institution, ref, eligible).")));
	PG_RETURN_DATUM(set_counts_array(set, &period,
									 get_func_rettype(fcinfo->flinfo->fn_oid)));
}

/*
 * members(first_loan_set [, daterange]): a row for each borrower, in the one
 * order.  granted_on is the day; granted_at the moment where the set holds
 * moments (in the session's time zone for timestamptz), NULL where it holds
 * days.  institution and eligible are NULL in a set made without them.
 */
PG_FUNCTION_INFO_V1(first_loan_set_members);
Datum
first_loan_set_members(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	FirstLoanSet *set;
	SetPeriod	period;
	SetMember  *members;
	int64		n;
	TupleDesc	tupdesc;
	Tuplestorestate *store;
	MemoryContext old;
	MemoryContext row_context;
	FmgrInfo	output[3];

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo) ||
		(rsinfo->allowedModes & SFRM_Materialize) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));

	/* finding the type leaves more behind than the type */
	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	old = MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	tupdesc = CreateTupleDescCopy(tupdesc);
	store = tuplestore_begin_heap((rsinfo->allowedModes & SFRM_Materialize_Random) != 0,
								  false, work_mem);
	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = store;
	rsinfo->setDesc = tupdesc;
	MemoryContextSwitchTo(old);

	set = set_for_reading(PG_GETARG_DATUM(0));
	period = optional_period(fcinfo);
	members = set_sorted_members(set, &period, &n);

	for (int i = 0; i < 3; i++)
	{
		Oid			typid = i == 0 ? set->layout.borrower.typid :
			i == 1 ? set->layout.ref.typid : set->layout.institution.typid;
		Oid			function;
		bool		isvarlena;

		if (!OidIsValid(typid))
			continue;
		getTypeOutputInfo(typid, &function, &isvarlena);
		fmgr_info(function, &output[i]);
	}

	row_context = AllocSetContextCreate(CurrentMemoryContext, "first_loan_set members",
										ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(row_context);
	for (int64 i = 0; i < n; i++)
	{
		SetKeyBuffer buf;
		SetRow		row;
		Datum		values[6];
		bool		nulls[6];

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(row_context);
		memset(nulls, 0, sizeof(nulls));
		set_entry_row(set, members[i].part, members[i].entry, &buf, &row);

		values[0] = CStringGetTextDatum(OutputFunctionCall(&output[0], row.borrower));
		values[1] = DateADTGetDatum(day_of(set, row.when));
		nulls[2] = row.ref_is_null;
		if (!nulls[2])
			values[2] = CStringGetTextDatum(OutputFunctionCall(&output[1], row.ref));
		nulls[3] = row.institution_is_null;
		if (!nulls[3])
			values[3] = CStringGetTextDatum(OutputFunctionCall(&output[2], row.institution));
		nulls[4] = row.eligible == SET_ELIGIBLE_NULL ||
			!OidIsValid(set->layout.institution.typid);
		values[4] = BoolGetDatum(row.eligible == SET_ELIGIBLE_TRUE);
		nulls[5] = set->layout.when_class == SET_WHEN_DATE;
		if (set->layout.when_class == SET_WHEN_TIMESTAMP)
			values[5] = TimestampGetDatum(row.when);
		else if (set->layout.when_class == SET_WHEN_TIMESTAMPTZ)
			values[5] = DirectFunctionCall1(timestamptz_timestamp,
											TimestampTzGetDatum(row.when));
		tuplestore_putvalues(store, tupdesc, values, nulls);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
	return (Datum) 0;
}
