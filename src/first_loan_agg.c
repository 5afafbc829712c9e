/*
 * first_loan_agg.c
 *		The aggregates over borrowings: transition, combine and final
 *		functions around a first_loan_set; and the set of one borrowing.
 *
 * The first borrowing is found over all rows; only then is it tested for the
 * period and for its own row's "eligible" (domain.md, section 10.1).  Rows
 * whose borrower or date is NULL or infinite take no part.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/execnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"

#include "first_loan_set.h"

/*
 * Where the arguments of a function stand; 0: it has none such, but for the
 * borrower.
 */
typedef struct Arguments
{
	int			borrower;
	int			granted_on;
	int			institution;
	int			ref;
	int			eligible;
	int			period;
} Arguments;

/* What is looked up once a query. */
typedef struct AccumCache
{
	SetLayout	layout;
	SetPeriod	period;
	struct varlena *period_value;	/* the range that "period" was made of */
	Size		period_size;
} AccumCache;

static inline AccumCache *
accum_cache(FunctionCallInfo fcinfo, const Arguments *args)
{
	AccumCache *cache = fcinfo->flinfo->fn_extra;

	if (unlikely(cache == NULL))
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(AccumCache));
		set_layout_init(&cache->layout,
						get_fn_expr_argtype(fcinfo->flinfo, args->borrower),
						get_fn_expr_argtype(fcinfo->flinfo, args->granted_on),
						get_fn_expr_argtype(fcinfo->flinfo, args->ref),
						args->institution ?
						get_fn_expr_argtype(fcinfo->flinfo, args->institution) : InvalidOid,
						PG_GET_COLLATION());
		fcinfo->flinfo->fn_extra = cache;
	}
	return cache;
}

/* The period of this row; it is nearly always that of the row before. */
static inline void
accum_period(FunctionCallInfo fcinfo, AccumCache *cache, const Arguments *args)
{
	struct varlena *value;

	if (!args->period)
		return;
	if (PG_ARGISNULL(args->period))
	{
		memset(&cache->period, 0, sizeof(SetPeriod));
		cache->period.kind = SET_PERIOD_NULL;
		cache->period_size = 0;
		return;
	}
	value = PG_GETARG_RAW_VARLENA_P(args->period);
	if (cache->period_size == VARSIZE_ANY(value) &&
		memcmp(cache->period_value, value, cache->period_size) == 0)
		return;
	cache->period = set_period_from_range(PointerGetDatum(value));
	cache->period_size = 0;
	if (cache->period_value)
		pfree(cache->period_value);
	cache->period_value = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt,
											 VARSIZE_ANY(value));
	memcpy(cache->period_value, value, VARSIZE_ANY(value));
	cache->period_size = VARSIZE_ANY(value);
}

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("function of a first-loan aggregate called outside of an aggregate")));
	return context;
}

/*
 * A new state.  Will it be given to another process or node of the plan, and not
 * be used again?  So it is where an aggregate ends without its final function,
 * once for all rows: not where two aggregates have one state, nor in a table of
 * groups, which can be read twice.
 */
static FirstLoanSet *
new_state(FunctionCallInfo fcinfo, const SetLayout *layout)
{
	FirstLoanSet *set = set_create_for_aggregate(aggregate_context(fcinfo), layout);
	Aggref	   *aggref = AggGetAggref(fcinfo);

	if (aggref && DO_AGGSPLIT_SKIPFINAL(aggref->aggsplit) && !AggStateIsShared(fcinfo))
	{
		AggState   *aggstate = castNode(AggState, fcinfo->context);

		if (aggstate->aggstrategy == AGG_PLAIN)
			set_hand_over(set, aggstate->ss.ps.ps_ExprContext->ecxt_per_tuple_memory);
	}
	return set;
}

/*
 * The state, to be added to.  It is our own from the second row on; only where
 * it is not does it matter in which context to make one.
 */
static inline FirstLoanSet *
set_state(FunctionCallInfo fcinfo)
{
	Datum		state = PG_GETARG_DATUM(0);

	if (VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(state)))
		return set_of_expanded(state);
	return set_for_writing(state, aggregate_context(fcinfo));
}

/* The row of the arguments; false where it takes no part. */
static pg_attribute_always_inline bool
row_of_arguments(FunctionCallInfo fcinfo, const Arguments *args,
				 SetWhenClass when_class, SetRow *row)
{
	if (PG_ARGISNULL(args->borrower) || PG_ARGISNULL(args->granted_on))
		return false;
	row->borrower = PG_GETARG_DATUM(args->borrower);
	if (when_class == SET_WHEN_DATE)
	{
		row->when = PG_GETARG_DATEADT(args->granted_on);
		if (DATE_NOT_FINITE(row->when))
			return false;
	}
	else
	{
		row->when = PG_GETARG_TIMESTAMP(args->granted_on);
		if (TIMESTAMP_NOT_FINITE(row->when))
			return false;
	}
	row->ref_is_null = PG_ARGISNULL(args->ref);
	row->ref = row->ref_is_null ? (Datum) 0 : PG_GETARG_DATUM(args->ref);
	row->institution_is_null = !args->institution || PG_ARGISNULL(args->institution);
	row->institution = row->institution_is_null ? (Datum) 0 :
		PG_GETARG_DATUM(args->institution);
	row->eligible = !args->eligible ? SET_ELIGIBLE_TRUE :
		PG_ARGISNULL(args->eligible) ? SET_ELIGIBLE_NULL :
		PG_GETARG_BOOL(args->eligible) ? SET_ELIGIBLE_TRUE : SET_ELIGIBLE_FALSE;
	return true;
}

/* "args" is a constant, so that nothing is asked that is known. */
static pg_attribute_always_inline Datum
accumulate(FunctionCallInfo fcinfo, const Arguments *args)
{
	AccumCache *cache = accum_cache(fcinfo, args);
	FirstLoanSet *set;
	SetRow		row;

	accum_period(fcinfo, cache, args);
	if (PG_ARGISNULL(0))
	{
		set = new_state(fcinfo, &cache->layout);
		set->period = cache->period;
	}
	else
	{
		set = set_state(fcinfo);
		if (args->period)
			set_check_period(set, &cache->period);
	}
	if (row_of_arguments(fcinfo, args, set->layout.when_class, &row))
		set_add(set, &row);
	PG_RETURN_DATUM(EOHPGetRWDatum(&set->hdr));
}

/* (state, borrower, granted_on, ref [, period]) */
PG_FUNCTION_INFO_V1(first_loan_set_accum);
Datum
first_loan_set_accum(PG_FUNCTION_ARGS)
{
	static const Arguments plain = {.borrower = 1,.granted_on = 2,.ref = 3};
	static const Arguments in_period = {.borrower = 1,.granted_on = 2,.ref = 3,.period = 4};

	if (PG_NARGS() > 4)
		return accumulate(fcinfo, &in_period);
	return accumulate(fcinfo, &plain);
}

/* (state, borrower, granted_on, institution, ref [, eligible [, period]]) */
PG_FUNCTION_INFO_V1(first_loan_count_accum);
Datum
first_loan_count_accum(PG_FUNCTION_ARGS)
{
	static const Arguments plain = {.borrower = 1,.granted_on = 2,.institution = 3,.ref = 4};
	static const Arguments judged = {.borrower = 1,.granted_on = 2,.institution = 3,.ref = 4,
	.eligible = 5};
	static const Arguments in_period = {.borrower = 1,.granted_on = 2,.institution = 3,.ref = 4,
	.eligible = 5,.period = 6};

	if (PG_NARGS() > 6)
		return accumulate(fcinfo, &in_period);
	if (PG_NARGS() > 5)
		return accumulate(fcinfo, &judged);
	return accumulate(fcinfo, &plain);
}

/*
 * Combine function of all, and transition function of merge().  NULL stands
 * for "no rows" on either side.
 */
PG_FUNCTION_INFO_V1(first_loan_set_combine);
Datum
first_loan_set_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	FirstLoanSet *set;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
	{
		set = set_taken_over(PG_GETARG_DATUM(1), context);
		PG_RETURN_DATUM(EOHPGetRWDatum(&set->hdr));
	}
	set = set_state(fcinfo);
	set_merge_datum(set, PG_GETARG_DATUM(1));
	PG_RETURN_DATUM(EOHPGetRWDatum(&set->hdr));
}

/* The state of a final function; where there were no rows, an empty set. */
static FirstLoanSet *
final_state(FunctionCallInfo fcinfo, const Arguments *args)
{
	SetLayout	layout;

	aggregate_context(fcinfo);
	if (!PG_ARGISNULL(0))
		return set_for_reading(PG_GETARG_DATUM(0));
	set_layout_init(&layout,
					get_fn_expr_argtype(fcinfo->flinfo, 1),
					get_fn_expr_argtype(fcinfo->flinfo, args->granted_on),
					get_fn_expr_argtype(fcinfo->flinfo, args->ref),
					args->institution ?
					get_fn_expr_argtype(fcinfo->flinfo, args->institution) : InvalidOid,
					PG_GET_COLLATION());
	return set_create(CurrentMemoryContext, &layout);
}

/*
 * Of first_loan_set(): the set itself, empty where there were no rows.  Over a
 * window frame the state goes on growing, so that is given a copy.
 */
static Datum
final_set(FunctionCallInfo fcinfo, const Arguments *args)
{
	FirstLoanSet *set = final_state(fcinfo, args);

	if (AggCheckCallContext(fcinfo, NULL) == AGG_CONTEXT_WINDOW)
	{
		Size		size = EOH_get_flat_size(&set->hdr);
		void	   *flat = palloc(size);

		EOH_flatten_into(&set->hdr, flat, size);
		PG_RETURN_POINTER(flat);
	}
	PG_RETURN_DATUM(EOHPGetRODatum(&set->hdr));
}

PG_FUNCTION_INFO_V1(first_loan_set_final);
Datum
first_loan_set_final(PG_FUNCTION_ARGS)
{
	Arguments	args = {.borrower = 1,.granted_on = 2, .ref = 3};

	return final_set(fcinfo, &args);
}

PG_FUNCTION_INFO_V1(first_loan_set_institution_final);
Datum
first_loan_set_institution_final(PG_FUNCTION_ARGS)
{
	Arguments	args = {.borrower = 1,.granted_on = 2, .institution = 3, .ref = 4};

	return final_set(fcinfo, &args);
}

/*
 * Of first_loan_refs(): array of the references of the first borrowings, by
 * (granted_on, ref); with a period, of those that fall in it.  Empty where
 * there are none, NULL where the period is NULL.
 */
PG_FUNCTION_INFO_V1(first_loan_refs_final);
Datum
first_loan_refs_final(PG_FUNCTION_ARGS)
{
	Arguments	args = {.borrower = 1,.granted_on = 2, .ref = 3};
	FirstLoanSet *set = final_state(fcinfo, &args);

	if (set->period.kind == SET_PERIOD_NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(set_refs_array(set, &set->period,
								   get_element_type(get_fn_expr_rettype(fcinfo->flinfo))));
}

/*
 * Of first_loan_count(): array of (institution, households), by institution,
 * the unknown one last.  Empty where there are none, NULL where the period is
 * NULL.
 */
PG_FUNCTION_INFO_V1(first_loan_count_final);
Datum
first_loan_count_final(PG_FUNCTION_ARGS)
{
	Arguments	args = {.borrower = 1,.granted_on = 2, .institution = 3, .ref = 4};
	FirstLoanSet *set = final_state(fcinfo, &args);

	if (set->period.kind == SET_PERIOD_NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(set_counts_array(set, &set->period,
									 get_func_rettype(fcinfo->flinfo->fn_oid)));
}

static Datum
set_of_one(FunctionCallInfo fcinfo, const Arguments *args)
{
	AccumCache *cache = accum_cache(fcinfo, args);
	FirstLoanSet *set = set_create(CurrentMemoryContext, &cache->layout);
	SetRow		row;

	if (row_of_arguments(fcinfo, args, cache->layout.when_class, &row))
		set_add(set, &row);
	PG_RETURN_DATUM(EOHPGetRWDatum(&set->hdr));
}

/*
 * first_loan(borrower, granted_on, ref) -> first_loan_set: the set of this one
 * borrowing, so that merge(first_loan(...)) is first_loan_set(...) where the
 * planner pushes down merge() but no polymorphic aggregate (Citus).  Empty
 * where the row would take no part: borrower or date NULL or infinite.
 */
PG_FUNCTION_INFO_V1(first_loan_of);
Datum
first_loan_of(PG_FUNCTION_ARGS)
{
	Arguments	args = {.borrower = 0,.granted_on = 1,.ref = 2};

	return set_of_one(fcinfo, &args);
}

/* first_loan(borrower, granted_on, institution, ref [, eligible]): the same. */
PG_FUNCTION_INFO_V1(first_loan_institution_of);
Datum
first_loan_institution_of(PG_FUNCTION_ARGS)
{
	Arguments	args = {.borrower = 0,.granted_on = 1,.institution = 2,.ref = 3};

	args.eligible = PG_NARGS() > 4 ? 4 : 0;
	return set_of_one(fcinfo, &args);
}

/*
 * borrower_slice(borrower, n) -> 0 .. n - 1: to which of n slices a borrower
 * belongs, by the hash of its type, on every server of the same byte order.
 * Equal borrowers are in one slice.  Error: n below 1; a type without a hash.
 */
PG_FUNCTION_INFO_V1(first_loan_borrower_slice);
Datum
first_loan_borrower_slice(PG_FUNCTION_ARGS)
{
	TypeCacheEntry *type = fcinfo->flinfo->fn_extra;
	int32		n = PG_GETARG_INT32(1);
	uint64		hash;

	if (n < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of slices must be at least 1, not %d", n)));
	if (type == NULL)
	{
		Oid			typid = get_fn_expr_argtype(fcinfo->flinfo, 0);

		type = lookup_type_cache(typid, TYPECACHE_HASH_PROC_FINFO |
								 TYPECACHE_HASH_EXTENDED_PROC_FINFO);
		if (!OidIsValid(type->hash_proc_finfo.fn_oid))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_FUNCTION),
					 errmsg("could not identify a hash function for type %s",
							format_type_be(typid)),
					 errhint("The borrower must be of a type that hashes, for instance uscc, text or bigint.")));
		fcinfo->flinfo->fn_extra = type;
	}
	if (OidIsValid(type->hash_extended_proc_finfo.fn_oid))
		hash = DatumGetUInt64(FunctionCall2Coll(&type->hash_extended_proc_finfo,
												PG_GET_COLLATION(),
												PG_GETARG_DATUM(0),
												UInt64GetDatum(0)));
	else
		hash = DatumGetUInt32(FunctionCall1Coll(&type->hash_proc_finfo,
												PG_GET_COLLATION(),
												PG_GETARG_DATUM(0)));
	PG_RETURN_INT32((int32) (hash % (uint32) n));
}
