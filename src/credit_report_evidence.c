/*
 * credit_report_evidence.c
 *		The evidence behind an answer, piece by piece; the verdict on a
 *		drawdown; what in a report deserves a second look.
 *
 * A piece counts, does not, or cannot be told.  The answer follows from the
 * pieces of each report, of which the report itself is one: borrowed if any
 * counts, else cannot be told if any cannot, else never.  Of several reports,
 * one that says borrowed is enough, else one that says never.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "credit_report.h"

PG_FUNCTION_INFO_V1(credit_report_evidence);
PG_FUNCTION_INFO_V1(credit_report_evidence_as_of);
PG_FUNCTION_INFO_V1(credit_report_warnings);
PG_FUNCTION_INFO_V1(credit_report_first_loan_verdict);

typedef struct Evidence
{
	uint32		report;			/* which of the merged, from 1 */
	uint32		report_day;
	const char *what;
	const ReportAccount *account;
	uint32		day;
	int64		number;			/* -1: none */
	ReportCounts counts;
	const char *rule;			/* the row of the table */
	const char *note;			/* why not as the row says, or NULL */
} Evidence;

typedef struct EvidenceList
{
	uint32		used;
	Evidence   *items;
} EvidenceList;

#define EVIDENCE_BESIDE_ACCOUNTS 6	/* most pieces of a report beside accounts */

static const char *const disputed_note = "the report is under dispute";

/* Counted if before the day asked about; without a date, that may be open. */
static void
date_evidence(Evidence *item, const Report *report,
			  const ReportQuestion *question, uint32 day)
{
	int64		before = report_question_day(question->as_of);

	if (item->counts == COUNTS_NO)
		return;
	if (report->disputed)
	{
		item->counts = COUNTS_UNKNOWN;
		item->note = disputed_note;
	}
	else if (!question->dated)
		return;
	else if (day > 0)
	{
		if (day >= before)
		{
			item->counts = COUNTS_NO;
			item->note = "not before the date asked about";
		}
	}
	else if (item->counts == COUNTS_UNKNOWN || DATE_IS_NOEND(question->as_of))
		return;
	else if (report->report_day > 0 && report->report_day < before)
		item->note = "no date, in a report from before the date asked about";
	else
	{
		item->counts = COUNTS_UNKNOWN;
		item->note = "no date: it may be the borrowing asked about";
	}
}

static Evidence *
add_evidence(EvidenceList *list, uint32 n, const Report *report,
			 const char *what, int64 number, ReportCounts counts,
			 const char *rule)
{
	Evidence   *item = &list->items[list->used++];

	memset(item, 0, sizeof(*item));
	item->report = n;
	item->report_day = report->report_day;
	item->what = what;
	item->number = number;
	item->counts = counts;
	item->rule = rule;
	return item;
}

/* The report itself: may it say never? */
static void
add_report(EvidenceList *list, uint32 n, const Report *report,
		   const ReportQuestion *question, uint32 latest)
{
	ReportCounts counts = COUNTS_UNKNOWN;
	Evidence   *item;
	const char *rule;

	if (report->disputed)
		rule = "report under dispute: cannot be told";
	else if (!question->dated)
	{
		if (report->report_day == latest)
		{
			counts = COUNTS_NO;
			rule = "a report says nothing of the time after it";
		}
		else
			rule = "an earlier report says nothing of the time after it: cannot be told";
	}
	else if (DATE_IS_NOEND(question->as_of))
		rule = "no report reaches the end of time: cannot be told";
	else if (report->report_day == 0)
		rule = "report without a date: cannot be told";
	else if ((int64) report->report_day + question->lag >=
			 report_question_day(question->as_of))
	{
		counts = COUNTS_NO;
		rule = "report of the date asked about or later, or within the lag";
	}
	else
		rule = "report older than the date asked about: cannot be told";
	item = add_evidence(list, n, report, "report", -1, counts, rule);
	item->day = report->report_day;
}

static void
add_account(EvidenceList *list, uint32 n, const Report *report,
			const ReportAccount *account, const ReportPolicy *policy,
			const ReportQuestion *question)
{
	const ReportRule *rule = report_rule(report->person, account, policy);
	Evidence   *item;
	const char *row;

	if (account->undrawn && rule != NULL && rule->counts != COUNTS_NO)
		row = "R1 opened, never drawn: not a borrowing by default";
	else if (rule == NULL)
	{
		if (report->person)
			row = "another PD01AD03: no business purpose";
		else
			row = report_code_is_known(false, account) ?
				"AD05 absent: not a borrowing" :
				"AD05 not in the list: not a borrowing, see credit_report_warnings";
	}
	else if (rule->row == NULL)
		row = rule->counts == COUNTS_YES ? "the caller's codes: borrowed" :
			rule->counts == COUNTS_NO ? "the caller's codes: not a borrowing" :
			"the caller's codes: cannot be told";
	else
		row = rule->row;
	item = add_evidence(list, n, report, "account", -1,
						report_counts(report->person, account, policy), row);
	item->account = account;
	item->day = account->day;
	if (rule != NULL && rule->option != 0 &&
		(policy->options & rule->option) == 0)
		item->note = "turned off by the caller";
	else if (account->undrawn && (policy->options & POLICY_UNDRAWN) != 0)
		item->note = "turned on by the caller";
	date_evidence(item, report, question, account->day);
}

static void
add_single(EvidenceList *list, uint32 n, const Report *report,
		   const ReportPolicy *policy, const ReportQuestion *question,
		   uint32 latest)
{
	Evidence   *item;
	bool		unexplained = report_unexplained(report);

	add_report(list, n, report, question, latest);
	for (uint32 i = 0; i < report->naccounts; i++)
		add_account(list, n, report, &report->accounts[i], policy, question);
	if (report->undated_discounts > 0)
	{
		item = add_evidence(list, n, report, "undated discounts",
							report->undated_discounts, COUNTS_YES,
							"ED02, or EB02 class 4, above 0: borrowed (a discount)");
		date_evidence(item, report, question, 0);
	}
	if (report->summary_borrowings > 0)
	{
		if (report->naccounts > 0)
			add_evidence(list, n, report, "summary of borrowings",
						 report->summary_borrowings, COUNTS_NO,
						 "EB02 classes 1-3 above 0 beside accounts: these tell");
		else
		{
			item = add_evidence(list, n, report, "summary of borrowings",
								report->summary_borrowings,
								(policy->options & POLICY_SUMMARY) != 0 ?
								COUNTS_YES : COUNTS_UNKNOWN,
								"EB02 classes 1-3 above 0 without accounts: cannot be told by default");
			if (item->counts == COUNTS_YES)
				item->note = "turned on by the caller";
			date_evidence(item, report, question, 0);
		}
	}
	if (report->guarantees)
		add_evidence(list, n, report, "guarantee transactions", -1, COUNTS_NO,
					 "EB03, ED04, ED05: not a borrowing");
	if (report->first_year > 0)
		add_evidence(list, n, report, "first credit year", report->first_year,
					 unexplained ? COUNTS_UNKNOWN : COUNTS_NO,
					 unexplained ?
					 "EB01AR01 filled, nothing explains it: cannot be told" :
					 "EB01AR01 filled, explained by what else is on record: not by itself");
	if (report->institutions > 0)
		add_evidence(list, n, report, "institutions ever", report->institutions,
					 unexplained ? COUNTS_UNKNOWN : COUNTS_NO,
					 unexplained ?
					 "EB01AS01 filled, nothing explains it: cannot be told" :
					 "EB01AS01 filled, explained by what else is on record: not by itself");
}

static void
list_evidence(EvidenceList *list, const Report *report,
			  const ReportPolicy *policy, const ReportQuestion *question)
{
	uint32		latest = report_latest_day(report);
	uint32		n = Max(report->nmerged, 1);
	const Report *singles = report->nmerged > 0 ? report->merged : report;
	Size		size = 0;

	for (uint32 i = 0; i < n; i++)
		size += singles[i].naccounts + EVIDENCE_BESIDE_ACCOUNTS;
	list->used = 0;
	list->items = palloc_extended(size * sizeof(Evidence), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < n; i++)
		add_single(list, i + 1, &singles[i], policy, question, latest);
}

static char *
rule_text(const Evidence *item)
{
	return item->note == NULL ? pstrdup(item->rule) :
		psprintf("%s; %s", item->rule, item->note);
}

static Datum
day_datum(uint32 day, bool *isnull)
{
	*isnull = day == 0;
	return DateADTGetDatum(report_day_date(day));
}

static HeapTuple
evidence_tuple(TupleDesc tupdesc, const Evidence *item)
{
	Datum		values[9];
	bool		nulls[9] = {false};
	char		code[2];

	values[0] = Int32GetDatum((int32) item->report);
	values[1] = CStringGetTextDatum(item->what);
	nulls[2] = nulls[3] = nulls[4] = true;
	if (item->account != NULL)
	{
		values[2] = report_text_datum(item->account->id, &nulls[2]);
		values[3] = report_text_datum(report_business_code(item->account, code),
									  &nulls[3]);
		values[4] = report_text_datum(report_class_code(item->account), &nulls[4]);
	}
	values[5] = day_datum(item->day, &nulls[5]);
	nulls[6] = item->number < 0;
	values[6] = Int32GetDatum((int32) item->number);
	nulls[7] = item->counts == COUNTS_UNKNOWN;
	values[7] = BoolGetDatum(item->counts == COUNTS_YES);
	values[8] = CStringGetTextDatum(rule_text(item));
	return heap_form_tuple(tupdesc, values, nulls);
}

static Datum
return_evidence(FunctionCallInfo fcinfo, bool dated)
{
	FuncCallContext *context;
	EvidenceList *list;

	if (SRF_IS_FIRSTCALL())
	{
		ReportQuestion question = {dated, 0, 0};
		ReportPolicy policy = report_default_policy;
		Report		report;
		MemoryContext old;

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		context->tuple_desc = report_result_tupdesc(fcinfo);
		if (dated)
		{
			question.as_of = PG_GETARG_DATEADT(1);
			question.lag = report_get_lag(fcinfo, 2);
			policy.options = report_get_options(fcinfo, 3);
			policy.rules = report_parse_codes(PG_GETARG_DATUM(8),
											  &policy.nrules);
		}
		/* a copy: the argument may not live until the last row */
		report_load(PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0))),
					&report);
		list = palloc(sizeof(EvidenceList));
		list_evidence(list, &report, &policy, &question);
		context->user_fctx = list;
		context->max_calls = list->used;
		MemoryContextSwitchTo(old);
	}

	context = SRF_PERCALL_SETUP();
	list = context->user_fctx;
	if (context->call_cntr < context->max_calls)
	{
		HeapTuple	tuple = evidence_tuple(context->tuple_desc,
										   &list->items[context->call_cntr]);

		SRF_RETURN_NEXT(context, HeapTupleGetDatum(tuple));
	}
	SRF_RETURN_DONE(context);
}

/* credit_report_evidence(credit_report): what never_borrowed(report) rests on. */
Datum
credit_report_evidence(PG_FUNCTION_ARGS)
{
	return return_evidence(fcinfo, false);
}

/*
 * credit_report_evidence(credit_report, as_of date, lag int, ...): what
 * never_borrowed() with the same arguments rests on.
 */
Datum
credit_report_evidence_as_of(PG_FUNCTION_ARGS)
{
	return return_evidence(fcinfo, true);
}

/*
 * The verdict
 */
static char *
account_text(const ReportAccount *account)
{
	char		buf[2];
	ReportText	code = report_business_code(account, buf);
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "account");
	if (account->id.len > 0)
		appendStringInfo(&text, " \"%.*s\"", account->id.len, account->id.data);
	if (code.len > 0)
		appendStringInfo(&text, " of business %.*s", code.len, code.data);
	if (account->class != CLASS_NONE)
	{
		code = report_class_code(account);
		appendStringInfo(&text, " of class %.*s", code.len, code.data);
	}
	if (account->day > 0)
		appendStringInfo(&text, " opened on %s",
						 report_date_text(report_day_date(account->day)));
	return text.data;
}

/* What a piece is, for a sentence about it. */
static char *
evidence_text(const Evidence *item)
{
	char	   *text;

	if (item->account != NULL)
		text = account_text(item->account);
	else if (item->number >= 0)
		text = psprintf("%s: %lld", item->what, (long long) item->number);
	else
		text = pstrdup(item->what);
	if (item->report_day == 0 || (item->account != NULL && item->day > 0))
		return text;
	return psprintf(item->account == NULL && item->number < 0 ?
					"%s of %s" : "%s, in the report of %s", text,
					report_date_text(report_day_date(item->report_day)));
}

/* The report by which the answer is never: it has nothing that says else. */
static const Evidence *
confirming_report(const EvidenceList *list)
{
	const Evidence *first = NULL;
	bool		clean = false;

	for (uint32 i = 0; i < list->used; i++)
	{
		const Evidence *item = &list->items[i];

		if (first == NULL || item->report != first->report)
		{
			if (clean)
				break;
			first = item;
			clean = true;
		}
		if (item->counts != COUNTS_NO)
			clean = false;
	}
	return first;
}

/*
 * The piece by which the answer is not never: the first borrowing with a date,
 * or another; what cannot be told in the latest report.
 */
static const Evidence *
deciding_evidence(const EvidenceList *list, ReportAnswer answer)
{
	ReportCounts wanted = answer == ANSWER_FALSE ? COUNTS_YES : COUNTS_UNKNOWN;
	const Evidence *found = NULL;

	for (uint32 i = 0; i < list->used; i++)
	{
		const Evidence *item = &list->items[i];

		if (item->counts != wanted)
			continue;
		if (found == NULL ||
			(answer == ANSWER_FALSE ?
			 item->day > 0 && (found->day == 0 || item->day < found->day) :
			 item->report_day > found->report_day))
			found = item;
	}
	return found;
}

/*
 * first_loan_verdict(drawn_on date, report credit_report, lag int, advances,
 * disposed, leasing, undrawn, summary boolean, codes jsonb): whether a loan of
 * that day is the borrower's first.  Never NULL: what is not known is
 * unverified.
 */
Datum
credit_report_first_loan_verdict(PG_FUNCTION_ARGS)
{
	TupleDesc	tupdesc;
	Datum		values[3];
	bool		nulls[3] = {false, true, false};
	const char *verdict = "unverified";
	const char *reason = NULL;

	tupdesc = report_result_tupdesc(fcinfo);
	if (PG_ARGISNULL(0))
		reason = "no date of drawdown";
	else if (PG_ARGISNULL(1))
		reason = "no credit report";
	for (int i = 2; i < PG_NARGS() && reason == NULL; i++)
	{
		if (PG_ARGISNULL(i))
			reason = "an option is NULL";
	}
	if (reason == NULL)
	{
		ReportQuestion question = {true, PG_GETARG_DATEADT(0), 0};
		ReportPolicy policy;
		Report		report;
		EvidenceList list;
		const Evidence *item;
		ReportAnswer answer;

		question.lag = report_get_lag(fcinfo, 2);
		report_get_policy(fcinfo, 3, &policy);
		report_load(PG_GETARG_DATUM(1), &report);
		answer = report_answer(&report, &policy, &question);
		list_evidence(&list, &report, &policy, &question);
		if (answer == ANSWER_TRUE)
		{
			verdict = "confirmed";
			reason = psprintf("%s: nothing that counts before the drawdown",
							  evidence_text(confirming_report(&list)));
		}
		else
		{
			item = deciding_evidence(&list, answer);
			if (answer == ANSWER_FALSE)
			{
				verdict = "refuted";
				values[1] = day_datum(item->day, &nulls[1]);
			}
			reason = psprintf("%s: %s", evidence_text(item), rule_text(item));
		}
	}
	values[0] = CStringGetTextDatum(verdict);
	values[2] = CStringGetTextDatum(reason);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(tupdesc, values, nulls)));
}

/*
 * Warnings: what does not stop a report from being read, but is not as it
 * should be.
 */
typedef struct WarningList
{
	uint32		used;
	uint32		size;
	const char **items;
} WarningList;

static void
warn(WarningList *list, const Report *report, bool merged, const char *what)
{
	if (list->used == list->size)
	{
		list->size = Max(2 * list->size, 8);
		list->items = list->items == NULL ?
			palloc(list->size * sizeof(char *)) :
			repalloc_huge(list->items, list->size * sizeof(char *));
	}
	if (merged && report->report_day > 0)
		what = psprintf("report of %s: %s",
						report_date_text(report_day_date(report->report_day)),
						what);
	list->items[list->used++] = what;
}

static void
warn_of_single(WarningList *list, const Report *report, bool merged)
{
	if (report->report_day == 0)
		warn(list, report, merged, "the report has no date");
	for (uint32 i = 0; i < report->naccounts; i++)
	{
		const ReportAccount *account = &report->accounts[i];
		const char *what = NULL;

		bool		ruled = report_rule(report->person, account,
										&report_default_policy) != NULL;

		if (!report_code_is_known(report->person, account))
			what = ruled ? "its business code is not in the list" :
				"its business code is not in the list and does not count";
		else if (account->business == BUSINESS_NONE && !ruled)
			what = "it has no business code and does not count";
		if (what != NULL)
			warn(list, report, merged,
				 psprintf("%s: %s", account_text(account), what));
		if (!report_class_is_known(account))
			warn(list, report, merged,
				 psprintf("%s: its class is not in the list",
						  account_text(account)));
		if (account->day == 0 &&
			report_counts(report->person, account,
						  &report_default_policy) != COUNTS_NO)
			warn(list, report, merged,
				 psprintf("%s: it has no date", account_text(account)));
		if (report->report_day > 0 && account->day > report->report_day)
			warn(list, report, merged,
				 psprintf("%s: that is after the report",
						  account_text(account)));
	}
}

/*
 * credit_report_warnings(credit_report): one row a warning, none where all is
 * as it should be.
 */
Datum
credit_report_warnings(PG_FUNCTION_ARGS)
{
	FuncCallContext *context;
	WarningList *list;

	if (SRF_IS_FIRSTCALL())
	{
		Report		report;
		MemoryContext old;

		context = SRF_FIRSTCALL_INIT();
		old = MemoryContextSwitchTo(context->multi_call_memory_ctx);
		report_load(PG_GETARG_DATUM(0), &report);
		list = palloc0(sizeof(WarningList));
		if (report.nmerged == 0)
			warn_of_single(list, &report, false);
		for (uint32 i = 0; i < report.nmerged; i++)
			warn_of_single(list, &report.merged[i], true);
		context->user_fctx = list;
		context->max_calls = list->used;
		MemoryContextSwitchTo(old);
	}

	context = SRF_PERCALL_SETUP();
	list = context->user_fctx;
	if (context->call_cntr < context->max_calls)
	{
		Datum		text = CStringGetTextDatum(list->items[context->call_cntr]);

		SRF_RETURN_NEXT(context, text);
	}
	SRF_RETURN_DONE(context);
}
