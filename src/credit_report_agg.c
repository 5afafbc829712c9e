/*
 * credit_report_agg.c
 *		credit_report_agg: a report from the rows of an accounts table.
 *
 * The state is of type credit_report, so that it can be sent and combined
 * anywhere, but in a form of its own while it grows: accounts one after the
 * other as they came, with room at the end, 20 bytes of its own.  The final
 * function sorts and joins them, so that no order of rows or partitions makes
 * a difference.  Most groups have few accounts and there are many groups:
 * hence flat memory and no context of its own.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "credit_report.h"

PG_FUNCTION_INFO_V1(credit_report_accum);
PG_FUNCTION_INFO_V1(credit_report_combine);
PG_FUNCTION_INFO_V1(credit_report_final);

#define SUBJECT_NONE 0
#define SUBJECT_ENTERPRISE 1
#define SUBJECT_PERSON 2

#define STATE_ROOM 40			/* bytes for accounts at first */

#define state_room(state) (VARSIZE(state) - offsetof(ReportState, data))

/* States are changed in place: only an aggregate may call for that. */
void
report_check_aggregate(FunctionCallInfo fcinfo, const char *name)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s called in non-aggregate context", name)));
}

ReportState *
report_state_create(uint8 tag, Size room)
{
	ReportState *state;
	Size		size;

	room = Max(room, STATE_ROOM);
	size = MAXALIGN(offsetof(ReportState, data) + room);
	/* all of it may be sent to another process, or stored */
	state = palloc0(size);
	SET_VARSIZE(state, size);
	state->tag = tag;
	return state;
}

/* Whether a value is a state with that tag, of items of at least that size. */
bool
report_is_state(const ReportState *state, uint8 tag, Size item,
				const char *aggregate)
{
	if (VARSIZE(state) <= VARHDRSZ || state->tag != tag)
		return false;
	if (VARSIZE(state) < offsetof(ReportState, data) ||
		state->used > state_room(state) ||
		state->nitems > state->used / item ||
		state->report_day > REPORT_MAX_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("state of aggregate %s is corrupted", aggregate)));
	return true;
}

/* The state as it lies in memory, aligned; made from any value. */
static ReportState *
state_get(Datum datum)
{
	ReportState *state = (ReportState *) PG_DETOAST_DATUM(datum);
	Report		report;
	Size		room = 0;

	if (report_is_state(state, REPORT_STATE_TAG, REPORT_ACCOUNT_MIN,
						"credit_report_agg"))
		return state;

	/* A finished report, where partial results were sent as values. */
	report_load(datum, &report);
	for (uint32 i = 0; i < report.naccounts; i++)
		room += report_account_size(&report.accounts[i]);
	state = report_state_create(REPORT_STATE_TAG, room);
	state->subject = report.person ? SUBJECT_PERSON : SUBJECT_NONE;
	state->report_day = report.report_day;
	state->nitems = report.naccounts;
	for (uint32 i = 0; i < report.naccounts; i++)
		state->used += report_put_account(state->data + state->used,
										  &report.accounts[i]);
	return state;
}

/* Room for more: in place, or in a state twice as large. */
ReportState *
report_state_reserve(ReportState *state, Size more)
{
	ReportState *larger;
	Size		needed = state->used + more;

	if (needed <= state_room(state))
		return state;
	larger = report_state_create(state->tag,
								 Max(needed, Min(2 * state_room(state),
												 MaxAllocSize / 2)));
	larger->subject = state->subject;
	larger->used = state->used;
	larger->report_day = state->report_day;
	larger->nitems = state->nitems;
	memcpy(larger->data, state->data, state->used);
	return larger;
}

static void
state_count(ReportState *state, uint32 more)
{
	if (more > REPORT_MAX_ACCOUNTS - state->nitems)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many accounts for type %s", "credit_report"),
				 errdetail("A report holds at most %d accounts.",
						   REPORT_MAX_ACCOUNTS),
				 errhint("Group the rows by household.")));
	state->nitems += more;
}

static void
state_subject(ReportState *state, uint8 subject)
{
	if (subject == SUBJECT_NONE)
		return;
	if (state->subject != SUBJECT_NONE && state->subject != subject)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("accounts of an enterprise and of a person in one credit report"),
				 errdetail("Business codes mean different things in the two reports."),
				 errhint("Group the rows by report as well as by household.")));
	state->subject = subject;
}

void
report_state_unpack(const struct varlena *flat, Report *report)
{
	ReportState *state = state_get(PointerGetDatum(flat));
	const char *from = state->data;
	const char *end = from + state->used;

	memset(report, 0, sizeof(*report));
	report->person = state->subject == SUBJECT_PERSON;
	report->report_day = state->report_day;
	report->naccounts = state->nitems;
	report->accounts = palloc(Max(state->nitems, 1) * sizeof(ReportAccount));
	for (uint32 i = 0; i < state->nitems; i++)
		from = report_get_account(from, end, &report->accounts[i]);
}

static uint32
arg_day(FunctionCallInfo fcinfo, int n, const char *name)
{
	DateADT		date;
	uint32		day;

	if (PG_NARGS() <= n || PG_ARGISNULL(n))
		return 0;
	date = PG_GETARG_DATEADT(n);
	if (DATE_NOT_FINITE(date))
		return 0;
	if (!report_set_date(date, &day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("date out of range for type %s: \"%s\"",
						"credit_report", report_date_text(date)),
				 errdetail("The argument \"%s\" must lie in the range %s.",
						   name, REPORT_DATE_RANGE),
				 errhint("Pass NULL for a date that is not known.")));
	return day;
}

static ReportText
arg_text(FunctionCallInfo fcinfo, int n, const char *name)
{
	ReportText	result = {NULL, 0};
	text	   *arg;

	if (PG_NARGS() <= n || PG_ARGISNULL(n))
		return result;
	arg = PG_GETARG_TEXT_PP(n);
	if (!report_trim(VARDATA_ANY(arg), VARSIZE_ANY_EXHDR(arg), &result))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("argument \"%s\" of %s is too long", name,
						"credit_report_agg"),
				 errdetail("It has %d bytes, at most %d are allowed.",
						   result.len, REPORT_MAX_TEXT)));
	return result;
}

/*
 * credit_report_accum(state, opened_on, business_code [, report_date
 * [, account_class [, account_id [, subject]]]]): adds a row.  A row without
 * any of the account's fields gives its report date alone; one without
 * anything, as an outer join makes it, gives nothing.
 */
Datum
credit_report_accum(PG_FUNCTION_ARGS)
{
	ReportState *state;
	ReportAccount account;
	ReportText	name;
	uint32		report_day;
	bool		has_account;
	bool		person;

	report_check_aggregate(fcinfo, "credit_report_accum");

	memset(&account, 0, sizeof(account));
	account.day = arg_day(fcinfo, 1, "opened_on");
	report_set_business(&account, arg_text(fcinfo, 2, "business_code"));
	report_day = arg_day(fcinfo, 3, "report_date");
	report_set_class(&account, arg_text(fcinfo, 4, "account_class"));
	account.id = arg_text(fcinfo, 5, "account_id");
	name = arg_text(fcinfo, 6, "subject");

	has_account = account.day != 0 || account.business != BUSINESS_NONE ||
		account.class != CLASS_NONE || account.id.len > 0;
	if (!has_account && report_day == 0)
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}

	state = PG_ARGISNULL(0) ? report_state_create(REPORT_STATE_TAG, 0) :
		state_get(PG_GETARG_DATUM(0));
	if (name.len > 0)
	{
		if (!report_set_subject(name, &person))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid subject of a credit report: \"%s\"",
							pnstrdup(name.data, name.len)),
					 errhint("The subject is \"enterprise\" or \"person\".")));
		state_subject(state, person ? SUBJECT_PERSON : SUBJECT_ENTERPRISE);
	}
	state->report_day = Max(state->report_day, report_day);
	if (has_account)
	{
		state = report_state_reserve(state, report_account_size(&account));
		state_count(state, 1);
		state->used += report_put_account(state->data + state->used, &account);
	}
	PG_RETURN_POINTER(state);
}

/* credit_report_combine(state, state): either may be NULL. */
Datum
credit_report_combine(PG_FUNCTION_ARGS)
{
	ReportState *state;
	ReportState *other;

	report_check_aggregate(fcinfo, "credit_report_combine");
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	if (PG_ARGISNULL(0))
		PG_RETURN_DATUM(PG_GETARG_DATUM(1));

	state = state_get(PG_GETARG_DATUM(0));
	other = state_get(PG_GETARG_DATUM(1));
	state_subject(state, other->subject);
	state->report_day = Max(state->report_day, other->report_day);
	state = report_state_reserve(state, other->used);
	state_count(state, other->nitems);
	memcpy(state->data + state->used, other->data, other->used);
	state->used += other->used;
	PG_RETURN_POINTER(state);
}

/* credit_report_final(state): the report; leaves the state as it is. */
Datum
credit_report_final(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(report_detoast(PG_GETARG_DATUM(0)));
}
