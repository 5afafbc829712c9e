/*
 * credit_report_rules.c
 *		Which evidence counts as having borrowed, and what follows from it.
 *
 * The rules are the tables of domain.md, section 4.
 */
#include "postgres.h"

#include "credit_report.h"

const ReportPolicy report_default_policy = {POLICY_DEFAULT, 0, NULL};

#define ROW_BORROWING "AD05 = 11, 12, 13, 16: borrowed"
#define ROW_DISCOUNT "AD05 = 21 or AD02 = D2, a discount: borrowed"
#define ROW_ADVANCE "AD05 = 41, an advance: borrowed by default"
#define ROW_DISPOSED "AD05 = 51 or AD02 = C1, a disposed asset: borrowed by default"
#define ROW_LEASING "AD05 = 14, a lease: borrowed by default"
#define ROW_OTHER "AD05 = 10, 15, 31: not a borrowing"
#define ROW_BUSINESS "PD01AD03 = 41, 52, business purpose: borrowed"
#define ROW_FARMER "PD01AD03 = 51: cannot be told"

/* A code that is not here does not count. */
static const ReportRule standard_rules[] = {
	{LIST_ENTERPRISE, 10, COUNTS_NO, .row = ROW_OTHER}, /* bond */
	{LIST_ENTERPRISE, 11, COUNTS_YES, .row = ROW_BORROWING},	/* loan */
	{LIST_ENTERPRISE, 12, COUNTS_YES, .row = ROW_BORROWING},	/* trade finance */
	{LIST_ENTERPRISE, 13, COUNTS_YES, .row = ROW_BORROWING},	/* factoring */
	{LIST_ENTERPRISE, 14, COUNTS_YES, POLICY_LEASING, .row = ROW_LEASING},
	{LIST_ENTERPRISE, 15, COUNTS_NO, .row = ROW_OTHER}, /* securities */
	{LIST_ENTERPRISE, 16, COUNTS_YES, .row = ROW_BORROWING},	/* overdraft */
	{LIST_ENTERPRISE, 21, COUNTS_YES, .row = ROW_DISCOUNT},
	{LIST_ENTERPRISE, 31, COUNTS_NO, .row = ROW_OTHER}, /* gold */
	{LIST_ENTERPRISE, 41, COUNTS_YES, POLICY_ADVANCES, .row = ROW_ADVANCE},
	{LIST_ENTERPRISE, 51, COUNTS_YES, POLICY_DISPOSED, .row = ROW_DISPOSED},
	{LIST_CLASS, CLASS_C1, COUNTS_YES, POLICY_DISPOSED, .row = ROW_DISPOSED},
	{LIST_CLASS, CLASS_D2, COUNTS_YES, .row = ROW_DISCOUNT},
	{LIST_PERSON, 41, COUNTS_YES, .row = ROW_BUSINESS},
	{LIST_PERSON, 51, COUNTS_UNKNOWN, .row = ROW_FARMER},
	{LIST_PERSON, 52, COUNTS_YES, .row = ROW_BUSINESS},
};

/*
 * Kinds of a person's accounts that are known and do not count: housing, car,
 * study, farmer's consumption, cards, other consumption.
 */
static const uint8 person_other[] = {
	11, 12, 13, 21, 31, 32, 33, 53, 71, 81, 82, 91
};

static const ReportRule *
find_rule(const ReportRule *rules, int nrules, ReportCodeList list,
		  uint8 code, ReportText text)
{
	for (int i = 0; i < nrules; i++)
	{
		const ReportRule *rule = &rules[i];

		if (rule->list == list && rule->code == code &&
			rule->text.len == text.len &&
			(text.len == 0 ||
			 memcmp(rule->text.data, text.data, text.len) == 0))
			return rule;
	}
	return NULL;
}

static const ReportRule *
rule_for(const ReportPolicy *policy, ReportCodeList list, uint8 code,
		 ReportText text)
{
	const ReportRule *rule;

	rule = find_rule(policy->rules, policy->nrules, list, code, text);
	if (rule == NULL)
		rule = find_rule(standard_rules, lengthof(standard_rules), list, code,
						 text);
	return rule;
}

/*
 * The rule that decides about an account, NULL where none speaks of it.
 *
 * A discount is one by its code or by its class.  Otherwise the code goes
 * before the class where it may count: collection accounts (C1) mostly hold
 * advances, which have an option of their own.
 */
const ReportRule *
report_rule(bool person, const ReportAccount *account,
			const ReportPolicy *policy)
{
	const ReportRule *business;
	const ReportRule *class;

	business = rule_for(policy, person ? LIST_PERSON : LIST_ENTERPRISE,
						account->business, account->business_text);
	if (person)
		return business;
	class = rule_for(policy, LIST_CLASS, account->class, account->class_text);
	if (class == NULL)
		return business;
	if (business == NULL || business->counts == COUNTS_NO ||
		(class->counts == COUNTS_YES && class->option == 0))
		return class;
	return business;
}

static ReportCounts
counts_by(const ReportRule *rule, const ReportAccount *account,
		  uint32 options)
{
	if (rule == NULL ||
		(rule->option != 0 && (options & rule->option) == 0) ||
		(account->undrawn && (options & POLICY_UNDRAWN) == 0))
		return COUNTS_NO;
	return rule->counts;
}

ReportCounts
report_counts(bool person, const ReportAccount *account,
			  const ReportPolicy *policy)
{
	return counts_by(report_rule(person, account, policy), account,
					 policy->options);
}

/* Whether the lists have the code, or there is none. */
bool
report_code_is_known(bool person, const ReportAccount *account)
{
	if (account->business == BUSINESS_NONE)
		return true;
	if (person)
	{
		for (int i = 0; i < lengthof(person_other); i++)
		{
			if (account->business == person_other[i])
				return true;
		}
	}
	return find_rule(standard_rules, lengthof(standard_rules),
					 person ? LIST_PERSON : LIST_ENTERPRISE,
					 account->business, account->business_text) != NULL;
}

bool
report_class_is_known(const ReportAccount *account)
{
	return account->class != CLASS_OTHER;
}

/* How much a code alone says, to choose between two for the same account. */
int
report_code_rank(ReportCodeList list, uint8 code)
{
	ReportText	none = {NULL, 0};
	const ReportRule *rule;

	rule = find_rule(standard_rules, lengthof(standard_rules), list, code,
					 none);
	return rule == NULL ? COUNTS_NO : rule->counts;
}

/* A year or institutions on record, and nothing that they come from. */
bool
report_unexplained(const Report *report)
{
	return (report->first_year > 0 || report->institutions > 0) &&
		report->naccounts == 0 && report->summary_borrowings == 0 &&
		!report->guarantees && report->undated_discounts == 0;
}

void
report_find(const Report *report, const ReportPolicy *policy,
			ReportFindings *findings)
{
	memset(findings, 0, sizeof(*findings));
	findings->disputed = report->disputed;
	findings->report_day = report->report_day;

	for (uint32 i = 0; i < report->naccounts; i++)
	{
		const ReportAccount *account = &report->accounts[i];
		const ReportRule *rule = report_rule(report->person, account, policy);

		if (account->undrawn)
			findings->policy_kinds |= POLICY_UNDRAWN;
		if (rule != NULL)
			findings->policy_kinds |= rule->option;
		switch (counts_by(rule, account, policy->options))
		{
			case COUNTS_YES:
				if (account->day == 0)
					findings->undated_counted = true;
				else if (findings->first_counted == 0 ||
						 account->day < findings->first_counted)
					findings->first_counted = account->day;
				break;
			case COUNTS_UNKNOWN:
				findings->ambiguous = true;
				if (account->day == 0)
					findings->undated_unknown = true;
				else if (findings->first_ambiguous == 0 ||
						 account->day < findings->first_ambiguous)
					findings->first_ambiguous = account->day;
				break;
			case COUNTS_NO:
				break;
		}
	}

	if (report->undated_discounts > 0)
		findings->undated_counted = true;
	if (report->naccounts > 0)
		return;

	/* The summary speaks only where it has no accounts to show. */
	if (report->summary_borrowings > 0)
	{
		findings->policy_kinds |= POLICY_SUMMARY;
		if ((policy->options & POLICY_SUMMARY) != 0)
			findings->undated_counted = true;
		else
			findings->undated_unknown = true;
	}
	else if (report_unexplained(report))
		findings->undated_unknown = true;
}

/* By all that the report knows, whenever it was. */
ReportAnswer
report_never_borrowed(const ReportFindings *findings)
{
	if (findings->disputed)
		return ANSWER_UNKNOWN;
	if (findings->first_counted > 0 || findings->undated_counted)
		return ANSWER_FALSE;
	if (findings->ambiguous || findings->undated_unknown)
		return ANSWER_UNKNOWN;
	return ANSWER_TRUE;
}

/* The day asked about, as a day of a report: beyond all of them if infinite. */
int64
report_question_day(DateADT as_of)
{
	if (DATE_IS_NOBEGIN(as_of))
		return PG_INT64_MIN;
	if (DATE_IS_NOEND(as_of))
		return PG_INT64_MAX;
	return (int64) as_of - REPORT_EPOCH;
}

/*
 * Before a date, strictly.  A report that is older than the date, by more
 * than lag days, says nothing of the time between; one of the very day or
 * later may hold as its undated evidence the borrowing that is asked about.
 */
ReportAnswer
report_never_borrowed_as_of(const ReportFindings *findings, DateADT as_of,
							int32 lag)
{
	int64		day = report_question_day(as_of);

	if (findings->disputed)
		return ANSWER_UNKNOWN;
	if (DATE_IS_NOEND(as_of))
		return findings->first_counted > 0 || findings->undated_counted ?
			ANSWER_FALSE : ANSWER_UNKNOWN;
	if (findings->first_counted > 0 && findings->first_counted < day)
		return ANSWER_FALSE;
	if (findings->report_day == 0)
		return ANSWER_UNKNOWN;
	if (findings->undated_counted)
		return findings->report_day < day ? ANSWER_FALSE : ANSWER_UNKNOWN;
	if (findings->undated_unknown ||
		(findings->first_ambiguous > 0 && findings->first_ambiguous < day))
		return ANSWER_UNKNOWN;
	return (int64) findings->report_day + lag >= day ?
		ANSWER_TRUE : ANSWER_UNKNOWN;
}

/* The latest date of the reports that are not disputed. */
uint32
report_latest_day(const Report *report)
{
	uint32		latest = 0;

	if (report->nmerged == 0)
		return report->report_day;
	for (uint32 i = 0; i < report->nmerged; i++)
	{
		if (!report->merged[i].disputed)
			latest = Max(latest, report->merged[i].report_day);
	}
	return latest;
}

static ReportAnswer
single_answer(const Report *report, const ReportPolicy *policy,
			  const ReportQuestion *question)
{
	ReportFindings findings;

	report_find(report, policy, &findings);
	if (question->dated)
		return report_never_borrowed_as_of(&findings, question->as_of,
										   question->lag);
	return report_never_borrowed(&findings);
}

/*
 * What one report, or several together, say.  One that says borrowed is
 * enough, else one that says never, for each speaks only of what it knows;
 * where no date is asked about, of the time up to the latest report, so that
 * an earlier one cannot say never.
 */
ReportAnswer
report_answer(const Report *report, const ReportPolicy *policy,
			  const ReportQuestion *question)
{
	uint32		latest;
	ReportAnswer result = ANSWER_UNKNOWN;

	if (report->nmerged == 0)
		return single_answer(report, policy, question);
	latest = report_latest_day(report);
	for (uint32 i = 0; i < report->nmerged; i++)
	{
		const Report *single = &report->merged[i];
		ReportAnswer answer = single_answer(single, policy, question);

		if (answer == ANSWER_FALSE)
			return ANSWER_FALSE;
		if (answer == ANSWER_TRUE &&
			(question->dated || single->report_day == latest))
			result = ANSWER_TRUE;
	}
	return result;
}
