/*
 * credit_report_merge.c
 *		merge(credit_report): several reports of one household as one value.
 *
 * The state holds the stored forms as they come; the final function sorts
 * them and leaves out those that are there twice.  A report that is merged
 * already gives those that it holds.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "credit_report.h"

PG_FUNCTION_INFO_V1(credit_report_merge_accum);
PG_FUNCTION_INFO_V1(credit_report_merge_combine);
PG_FUNCTION_INFO_V1(credit_report_merge_final);

#define MERGE_NAME "merge"
#define LENGTH_SIZE 4
#define REPORT_FLAT_MIN (LENGTH_SIZE + REPORT_HEADER_SIZE)	/* no accounts */

/* Adds bytes that hold n reports, each after its length. */
static ReportState *
add_reports(ReportState *state, const char *data, Size len, uint32 n)
{
	if (n > REPORT_MAX_MERGED - state->nitems)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many reports for type %s", "credit_report"),
				 errdetail("At most %d reports are merged.", REPORT_MAX_MERGED),
				 errhint("Group the reports by household.")));
	state = report_state_reserve(state, len);
	memcpy(state->data + state->used, data, len);
	state->used += len;
	state->nitems += n;
	return state;
}

/* Adds a value. */
static ReportState *
add_value(ReportState *state, const struct varlena *flat)
{
	const char *data = VARDATA_ANY(flat);
	Size		len = VARSIZE_ANY_EXHDR(flat);
	uint32		n = report_merged_count(flat);
	char		length[LENGTH_SIZE];

	if (n > 0)
		return add_reports(state, data + REPORT_HEADER_SIZE,
						   len - REPORT_HEADER_SIZE, n);
	report_put_word(length, len);
	state = report_state_reserve(state, LENGTH_SIZE + len);
	state = add_reports(state, length, LENGTH_SIZE, 1);
	return add_reports(state, data, len, 0);
}

static ReportState *
get_state(Datum datum)
{
	ReportState *state = (ReportState *) PG_DETOAST_DATUM(datum);

	if (report_is_state(state, REPORT_MERGE_TAG, REPORT_FLAT_MIN, MERGE_NAME))
		return state;
	/* a finished value, where partial results were sent as values */
	return add_value(report_state_create(REPORT_MERGE_TAG, 0),
					 (struct varlena *) state);
}

/* credit_report_merge_accum(state, report): a NULL report adds nothing. */
Datum
credit_report_merge_accum(PG_FUNCTION_ARGS)
{
	ReportState *state;

	report_check_aggregate(fcinfo, "credit_report_merge_accum");
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	state = PG_ARGISNULL(0) ? report_state_create(REPORT_MERGE_TAG, 0) :
		get_state(PG_GETARG_DATUM(0));
	PG_RETURN_POINTER(add_value(state, report_detoast(PG_GETARG_DATUM(1))));
}

/* credit_report_merge_combine(state, state): either may be NULL. */
Datum
credit_report_merge_combine(PG_FUNCTION_ARGS)
{
	ReportState *other;

	report_check_aggregate(fcinfo, "credit_report_merge_combine");
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
		PG_RETURN_DATUM(PG_GETARG_DATUM(1));
	other = get_state(PG_GETARG_DATUM(1));
	PG_RETURN_POINTER(add_reports(get_state(PG_GETARG_DATUM(0)), other->data,
								  other->used, other->nitems));
}

/* The value of a state, which stays as it is. */
struct varlena *
report_merge_finish(const struct varlena *value)
{
	ReportState *state = get_state(PointerGetDatum(value));
	const char *from = state->data;
	const char *end = from + state->used;
	ReportText *flats;

	if (state->nitems == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("state of aggregate %s is corrupted", MERGE_NAME)));
	flats = palloc_extended(state->nitems * sizeof(ReportText),
							MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < state->nitems; i++)
		from = report_next_merged(from, end, &flats[i]);
	return report_pack_merged(flats, state->nitems, NULL);
}

/* credit_report_merge_final(state) */
Datum
credit_report_merge_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(report_detoast(PG_GETARG_DATUM(0)));
}
