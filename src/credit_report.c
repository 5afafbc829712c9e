/*
 * credit_report.c
 *		The type credit_report in SQL: binary form, comparison, answers.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "credit_report.h"

PG_FUNCTION_INFO_V1(credit_report_send);
PG_FUNCTION_INFO_V1(credit_report_recv);
PG_FUNCTION_INFO_V1(credit_report_eq);
PG_FUNCTION_INFO_V1(credit_report_ne);
PG_FUNCTION_INFO_V1(credit_report_lt);
PG_FUNCTION_INFO_V1(credit_report_le);
PG_FUNCTION_INFO_V1(credit_report_gt);
PG_FUNCTION_INFO_V1(credit_report_ge);
PG_FUNCTION_INFO_V1(credit_report_cmp);
PG_FUNCTION_INFO_V1(credit_report_hash);
PG_FUNCTION_INFO_V1(credit_report_hash_extended);
PG_FUNCTION_INFO_V1(credit_report_report_date);
PG_FUNCTION_INFO_V1(credit_report_is_disputed);
PG_FUNCTION_INFO_V1(credit_report_accounts);
PG_FUNCTION_INFO_V1(credit_report_first_borrowed_on);
PG_FUNCTION_INFO_V1(credit_report_never_borrowed);
PG_FUNCTION_INFO_V1(credit_report_never_borrowed_as_of);

/*
 * Binary form: byte version, 1, byte of flags, then int4 report date, undated
 * discounts, summary of borrowings, first credit year, institutions ever,
 * number of accounts; an account is a byte of flags, int4 opened on, and
 * business code, class and id, each as int4 length (-1: absent) and text.  No
 * date is the smallest int4.  Merged reports are byte 2, int4 their number,
 * and each as above.
 */
#define WIRE_VERSION 1
#define WIRE_MERGED 2
#define WIRE_PERSON 0x01
#define WIRE_DISPUTED 0x02
#define WIRE_GUARANTEES 0x04
#define WIRE_FLAGS (WIRE_PERSON | WIRE_DISPUTED | WIRE_GUARANTEES)
#define WIRE_UNDRAWN 0x01
#define WIRE_SETTLED 0x02
#define WIRE_ACCOUNT_FLAGS (WIRE_UNDRAWN | WIRE_SETTLED)
#define WIRE_NO_DATE PG_INT32_MIN
#define WIRE_ACCOUNT_MIN 17		/* bytes of the shortest account */
#define WIRE_REPORT_MIN 26		/* and of the shortest report */

static void
send_text(StringInfo buf, ReportText text)
{
	char	   *data;
	int			len = text.len;

	if (len == 0)
	{
		pq_sendint32(buf, (uint32) -1);
		return;
	}
	data = pg_server_to_client(text.data, len);
	if (data != text.data)
		len = strlen(data);
	pq_sendint32(buf, len);
	pq_sendbytes(buf, data, len);
}

static void
send_day(StringInfo buf, uint32 day)
{
	pq_sendint32(buf, (uint32) (day == 0 ? WIRE_NO_DATE : report_day_date(day)));
}

static void
send_report(StringInfo buf, const Report *report)
{
	char		code[2];

	pq_sendint8(buf, WIRE_VERSION);
	pq_sendint8(buf, (report->person ? WIRE_PERSON : 0) |
				(report->disputed ? WIRE_DISPUTED : 0) |
				(report->guarantees ? WIRE_GUARANTEES : 0));
	send_day(buf, report->report_day);
	pq_sendint32(buf, report->undated_discounts);
	pq_sendint32(buf, report->summary_borrowings);
	pq_sendint32(buf, report->first_year);
	pq_sendint32(buf, report->institutions);
	pq_sendint32(buf, report->naccounts);
	for (uint32 i = 0; i < report->naccounts; i++)
	{
		const ReportAccount *account = &report->accounts[i];

		pq_sendint8(buf, (account->undrawn ? WIRE_UNDRAWN : 0) |
					(account->settled ? WIRE_SETTLED : 0));
		send_day(buf, account->day);
		send_text(buf, report_business_code(account, code));
		send_text(buf, report_class_code(account));
		send_text(buf, account->id);
	}
}

Datum
credit_report_send(PG_FUNCTION_ARGS)
{
	Report		report;
	StringInfoData buf;

	report_load(PG_GETARG_DATUM(0), &report);
	pq_begintypsend(&buf);
	if (report.nmerged == 0)
		send_report(&buf, &report);
	else
	{
		pq_sendint8(&buf, WIRE_MERGED);
		pq_sendint32(&buf, report.nmerged);
		for (uint32 i = 0; i < report.nmerged; i++)
			send_report(&buf, &report.merged[i]);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static void
refuse_binary(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary format for type %s", "credit_report"),
			 errdetail("%s.", what)));
}

static void
need_bytes(StringInfo buf, int n)
{
	if (buf->len - buf->cursor < n)
		refuse_binary("The value ends too early");
}

static uint32
recv_number(StringInfo buf, uint32 max, const char *what)
{
	uint32		number;

	need_bytes(buf, 4);
	number = pq_getmsgint(buf, 4);
	if (number > max)
		refuse_binary(psprintf("%s %d is out of range", what, (int32) number));
	return number;
}

static uint32
recv_day(StringInfo buf, const char *what)
{
	int32		date;
	uint32		day;

	need_bytes(buf, 4);
	date = (int32) pq_getmsgint(buf, 4);
	if (date == WIRE_NO_DATE)
		return 0;
	if (!report_set_date(date, &day))
		refuse_binary(psprintf("%s is out of range, " REPORT_DATE_RANGE, what));
	return day;
}

static ReportText
recv_text(StringInfo buf)
{
	ReportText	text = {NULL, 0};
	int32		len;
	int			nbytes;
	char	   *data;

	need_bytes(buf, 4);
	len = (int32) pq_getmsgint(buf, 4);
	if (len == -1)
		return text;
	if (len < 0)
		refuse_binary("A text has a negative length");
	need_bytes(buf, len);
	data = pq_getmsgtext(buf, len, &nbytes);
	if (!report_trim(data, nbytes, &text))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("invalid binary format for type %s", "credit_report"),
				 errdetail("A text must not be longer than %d bytes.",
						   REPORT_MAX_TEXT)));
	return text;
}

/* What follows the version. */
static void
recv_report(StringInfo buf, Report *report)
{
	int			flags;

	memset(report, 0, sizeof(*report));
	need_bytes(buf, 1);
	flags = pq_getmsgbyte(buf);
	if ((flags & ~WIRE_FLAGS) != 0)
		refuse_binary("Unknown flags are set");
	report->person = (flags & WIRE_PERSON) != 0;
	report->disputed = (flags & WIRE_DISPUTED) != 0;
	report->guarantees = (flags & WIRE_GUARANTEES) != 0;
	report->report_day = recv_day(buf, "The report date");
	report->undated_discounts = recv_number(buf, REPORT_MAX_COUNT,
											"Number of undated discounts");
	report->summary_borrowings = recv_number(buf, REPORT_MAX_COUNT,
											 "Summary of borrowings");
	report->first_year = recv_number(buf, REPORT_MAX_YEAR, "First credit year");
	if (report->first_year != 0 && report->first_year < REPORT_MIN_YEAR)
		refuse_binary("First credit year is out of range");
	report->institutions = recv_number(buf, REPORT_MAX_COUNT,
									   "Number of institutions");
	report->naccounts = recv_number(buf, REPORT_MAX_ACCOUNTS,
									"Number of accounts");
	if (report->naccounts > (buf->len - buf->cursor) / WIRE_ACCOUNT_MIN)
		refuse_binary("The value ends too early");

	report->accounts = palloc(Max(report->naccounts, 1) * sizeof(ReportAccount));
	for (uint32 i = 0; i < report->naccounts; i++)
	{
		ReportAccount *account = &report->accounts[i];

		CHECK_FOR_INTERRUPTS();
		memset(account, 0, sizeof(*account));
		need_bytes(buf, 1);
		flags = pq_getmsgbyte(buf);
		if ((flags & ~WIRE_ACCOUNT_FLAGS) != 0)
			refuse_binary("Unknown flags are set in an account");
		account->undrawn = (flags & WIRE_UNDRAWN) != 0;
		account->settled = (flags & WIRE_SETTLED) != 0;
		account->day = recv_day(buf, "The date of an account");
		report_set_business(account, recv_text(buf));
		report_set_class(account, recv_text(buf));
		account->id = recv_text(buf);
		if (account->undrawn && account->class != CLASS_R1)
			refuse_binary("An account that is not of class R1 is marked as never drawn");
	}
}

static int
recv_version(StringInfo buf)
{
	need_bytes(buf, 1);
	return pq_getmsgbyte(buf);
}

static void
refuse_version(int version)
{
	refuse_binary(psprintf("Version %d is not supported", version));
}

Datum
credit_report_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Report		report;
	int			version = recv_version(buf);

	if (version == WIRE_VERSION)
		recv_report(buf, &report);
	else if (version == WIRE_MERGED)
	{
		memset(&report, 0, sizeof(report));
		report.nmerged = recv_number(buf, REPORT_MAX_MERGED,
									 "Number of reports");
		if (report.nmerged == 0)
			refuse_binary("No reports are merged");
		if (report.nmerged > (buf->len - buf->cursor) / WIRE_REPORT_MIN)
			refuse_binary("The value ends too early");
		report.merged = palloc(report.nmerged * sizeof(Report));
		for (uint32 i = 0; i < report.nmerged; i++)
		{
			version = recv_version(buf);
			if (version != WIRE_VERSION)
				refuse_version(version);
			recv_report(buf, &report.merged[i]);
		}
	}
	else
		refuse_version(version);
	PG_RETURN_POINTER(report_pack(&report, NULL));
}

/*
 * Comparison: equal contents have equal bytes.  The order means nothing, but
 * lets reports be sorted and merged.
 */
static int
report_cmp(FunctionCallInfo fcinfo)
{
	const struct varlena *a = report_detoast(PG_GETARG_DATUM(0));
	const struct varlena *b = report_detoast(PG_GETARG_DATUM(1));
	Size		alen = VARSIZE_ANY_EXHDR(a);
	Size		blen = VARSIZE_ANY_EXHDR(b);
	int			cmp;

	cmp = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(alen, blen));
	if (cmp == 0)
		cmp = (alen > blen) - (alen < blen);
	PG_FREE_IF_COPY((void *) a, 0);
	PG_FREE_IF_COPY((void *) b, 1);
	return cmp;
}

Datum
credit_report_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(report_cmp(fcinfo) == 0);
}

Datum
credit_report_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(report_cmp(fcinfo) != 0);
}

Datum
credit_report_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(report_cmp(fcinfo) < 0);
}

Datum
credit_report_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(report_cmp(fcinfo) <= 0);
}

Datum
credit_report_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(report_cmp(fcinfo) > 0);
}

Datum
credit_report_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(report_cmp(fcinfo) >= 0);
}

Datum
credit_report_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(report_cmp(fcinfo));
}

Datum
credit_report_hash(PG_FUNCTION_ARGS)
{
	const struct varlena *flat = report_detoast(PG_GETARG_DATUM(0));
	Datum		hash;

	hash = hash_any((const unsigned char *) VARDATA_ANY(flat),
					VARSIZE_ANY_EXHDR(flat));
	PG_FREE_IF_COPY((void *) flat, 0);
	return hash;
}

Datum
credit_report_hash_extended(PG_FUNCTION_ARGS)
{
	const struct varlena *flat = report_detoast(PG_GETARG_DATUM(0));
	Datum		hash;

	hash = hash_any_extended((const unsigned char *) VARDATA_ANY(flat),
							 VARSIZE_ANY_EXHDR(flat), PG_GETARG_INT64(1));
	PG_FREE_IF_COPY((void *) flat, 0);
	return hash;
}

/* report_date(credit_report): NULL where it is not known. */
Datum
credit_report_report_date(PG_FUNCTION_ARGS)
{
	Report		report;
	ReportFindings findings;

	report_header(PG_GETARG_DATUM(0), &report, &findings);
	if (report.report_day == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(report_day_date(report.report_day));
}

/* is_disputed(credit_report) */
Datum
credit_report_is_disputed(PG_FUNCTION_ARGS)
{
	Report		report;
	ReportFindings findings;

	report_header(PG_GETARG_DATUM(0), &report, &findings);
	PG_RETURN_BOOL(report.disputed);
}

/*
 * first_borrowed_on(credit_report): date of the first account that counts
 * under the default rules; NULL where there is none with a date.  A dispute
 * does not change what is on record.
 */
Datum
credit_report_first_borrowed_on(PG_FUNCTION_ARGS)
{
	Report		report;
	ReportFindings findings;

	report_header(PG_GETARG_DATUM(0), &report, &findings);
	if (findings.first_counted == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(report_day_date(findings.first_counted));
}

/* The accounts of a report, or of several, as accounts() shows them. */
typedef struct ShownAccounts
{
	uint32		nenterprise;	/* then come those of persons */
	uint32		naccounts;
	ReportAccount *accounts;
} ShownAccounts;

/*
 * Of merged reports, one for each id, for enterprise and person apart; those
 * without an id are shown as often as reports tell of them.
 */
static void
union_accounts(const Report *merged, ShownAccounts *shown)
{
	Size		n = 0;

	for (uint32 i = 0; i < merged->nmerged; i++)
		n += merged->merged[i].naccounts;
	shown->accounts = palloc_extended(Max(n, 1) * sizeof(ReportAccount),
									  MCXT_ALLOC_HUGE);
	shown->naccounts = 0;
	for (int person = 0; person <= 1; person++)
	{
		Report		all;

		memset(&all, 0, sizeof(all));
		all.person = person;
		all.accounts = shown->accounts + shown->naccounts;
		for (uint32 i = 0; i < merged->nmerged; i++)
		{
			const Report *single = &merged->merged[i];

			if (single->person != all.person)
				continue;
			memcpy(all.accounts + all.naccounts, single->accounts,
				   single->naccounts * sizeof(ReportAccount));
			all.naccounts += single->naccounts;
		}
		report_join_accounts(&all);
		report_sort_accounts(&all);
		shown->naccounts += all.naccounts;
		if (!person)
			shown->nenterprise = all.naccounts;
	}
}

/*
 * accounts(credit_report): one row an account, in the order of the value;
 * counts is NULL where an account may or may not be a borrowing.
 */
Datum
credit_report_accounts(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	ShownAccounts *shown;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext old;
		Report		report;

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		context->tuple_desc = report_result_tupdesc(fcinfo);
		shown = palloc(sizeof(ShownAccounts));
		/* a copy: the argument may not live until the last row */
		report_load(PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0))),
					&report);
		if (report.nmerged > 0)
			union_accounts(&report, shown);
		else
		{
			shown->nenterprise = report.person ? 0 : report.naccounts;
			shown->naccounts = report.naccounts;
			shown->accounts = report.accounts;
		}
		context->user_fctx = shown;
		context->max_calls = shown->naccounts;
		MemoryContextSwitchTo(old);
	}

	context = SRF_PERCALL_SETUP();
	shown = context->user_fctx;
	if (context->call_cntr < context->max_calls)
	{
		const ReportAccount *account = &shown->accounts[context->call_cntr];
		bool		person = context->call_cntr >= shown->nenterprise;
		ReportCounts counts = report_counts(person, account,
											&report_default_policy);
		Datum		values[7];
		bool		nulls[7] = {false};
		char		code[2];
		HeapTuple	tuple;

		values[0] = report_text_datum(account->id, &nulls[0]);
		values[1] = report_text_datum(report_business_code(account, code),
									  &nulls[1]);
		values[2] = report_text_datum(report_class_code(account), &nulls[2]);
		nulls[3] = account->day == 0;
		values[3] = DateADTGetDatum(report_day_date(account->day));
		values[4] = BoolGetDatum(!account->undrawn);
		values[5] = BoolGetDatum(account->settled);
		nulls[6] = counts == COUNTS_UNKNOWN;
		values[6] = BoolGetDatum(counts == COUNTS_YES);
		tuple = heap_form_tuple(context->tuple_desc, values, nulls);
		SRF_RETURN_NEXT(context, HeapTupleGetDatum(tuple));
	}
	SRF_RETURN_DONE(context);
}

static Datum
return_answer(FunctionCallInfo fcinfo, ReportAnswer answer)
{
	if (answer == ANSWER_UNKNOWN)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(answer == ANSWER_TRUE);
}

/*
 * never_borrowed(credit_report): by all that the report knows, under the
 * default rules; NULL where it cannot tell (domain.md, section 4).
 */
Datum
credit_report_never_borrowed(PG_FUNCTION_ARGS)
{
	const ReportQuestion question = {false, 0, 0};
	Report		report;
	ReportFindings findings;
	ReportAnswer answer;

	if (report_quick_answer(PG_GETARG_DATUM(0), &answer))
		return return_answer(fcinfo, answer);
	report_header(PG_GETARG_DATUM(0), &report, &findings);
	if (!findings.merged)
		return return_answer(fcinfo, report_never_borrowed(&findings));
	report_load(PG_GETARG_DATUM(0), &report);
	return return_answer(fcinfo, report_answer(&report, &report_default_policy,
											   &question));
}

/*
 * never_borrowed(credit_report, as_of date, lag int, advances, disposed,
 * leasing, undrawn, summary boolean, codes jsonb): before as_of, strictly; a
 * report at most lag days older than that is taken as of that day.  NULL where
 * the report cannot tell.
 */
Datum
credit_report_never_borrowed_as_of(PG_FUNCTION_ARGS)
{
	ReportQuestion question = {true, PG_GETARG_DATEADT(1), 0};
	ReportPolicy policy;
	Report		report;
	ReportFindings findings;
	bool		complete;

	question.lag = report_get_lag(fcinfo, 2);
	report_get_policy(fcinfo, 3, &policy);

	complete = report_header(PG_GETARG_DATUM(0), &report, &findings);
	if (complete && policy.nrules == 0 &&
		((policy.options ^ POLICY_DEFAULT) & findings.policy_kinds) == 0)
		return return_answer(fcinfo,
							 report_never_borrowed_as_of(&findings,
														 question.as_of,
														 question.lag));
	report_load(PG_GETARG_DATUM(0), &report);
	return return_answer(fcinfo, report_answer(&report, &policy, &question));
}
