/*
 * credit_report.h
 *		What a credit report says about borrowing.
 *
 * Stored form, after the varlena header: 12 bytes, then 4 bytes an account,
 * then what few reports need.  The predicates read the 12 bytes by slice.
 * Words are little-endian; a day counts from 1900-01-01, and 0 (that date is
 * itself a sentinel for "no date") means absent.
 *
 *	word 0	 0- 3 version			 4 person	 5 disputed
 *			 6 guarantee transactions	 7 merged, see below
 *			 8-27 number of accounts	28 undated evidence that counts
 *			29 undated evidence that cannot be told	30 ambiguous account
 *			31 undrawn account
 *	word 1	 0-17 report date	18-24 first credit year - 1949
 *			25-30 institutions ever		31 has an advance
 *	word 2	 0-17 first counted account	18-23 undated discounts
 *			24-29 summary of borrowings	30 has a disposed asset	31 has a lease
 *	account	 0-17 opened on		18-24 business code		25-28 class
 *			29 undrawn	30 settled	31 has an id
 *
 * The words of the accounts are stored by byte: all highest bytes, then all
 * second ones, and so on, which compresses well.
 *
 * A number of word 1 or 2 whose bits are all set follows the accounts as a
 * word of its own, in the order year, institutions, discounts, summary.  Last
 * come the texts, account by account (a business code other than two digits,
 * a class out of the list, the id), each after a byte with its length.
 *
 * Accounts are sorted, ids unique, everything at its default left out: equal
 * reports have equal bytes.  Bits 28 to 31 and the first counted account
 * repeat under the default rules what the accounts say.  A release that
 * changes those rules must raise the version and recompute them on reading.
 *
 * Merged reports (since 0.2.0) are the set of the single ones: the number of
 * reports instead of that of accounts, disputed if all are, the latest report
 * date, the first counted account of all; then each as a word with its length
 * and its stored form, in the order of their bytes, no two alike.
 */
#ifndef CREDIT_REPORT_H
#define CREDIT_REPORT_H

#include "compat.h"

#include "access/tupdesc.h"
#include "nodes/nodes.h"
#include "utils/date.h"

#define REPORT_VERSION 1		/* 14 and 15 are taken, by states */
#define REPORT_MAX_ACCOUNTS 1000000
#define REPORT_MAX_MERGED 1000000
#define REPORT_MAX_TEXT 255		/* bytes */
#define REPORT_EPOCH (-36524)	/* 1900-01-01 as a date */
#define REPORT_MAX_DAY 0x3FFFF	/* 2617-09-22 */
#define REPORT_MIN_YEAR 1901
#define REPORT_MAX_YEAR 2617
#define REPORT_MAX_COUNT PG_INT32_MAX

/* A business code is its two digits as a number, or one of these. */
#define BUSINESS_OTHER 126
#define BUSINESS_NONE 127

/* Account classes, in the order of their codes. */
#define CLASS_C1 0
#define CLASS_D1 1
#define CLASS_D2 2
#define CLASS_R1 3
#define CLASS_R2 4
#define CLASS_R3 5
#define CLASS_R4 6
#define CLASS_OTHER 14
#define CLASS_NONE 15

/* Not terminated; data is NULL where there is none. */
typedef struct ReportText
{
	const char *data;
	int			len;
} ReportText;

typedef struct ReportAccount
{
	uint32		day;			/* opened on, 0: not known */
	uint8		business;
	uint8		class;
	bool		undrawn;		/* only with class R1 */
	bool		settled;
	ReportText	business_text;	/* for BUSINESS_OTHER */
	ReportText	class_text;		/* for CLASS_OTHER */
	ReportText	id;
} ReportAccount;

/* A report unpacked. */
typedef struct Report
{
	bool		person;			/* else an enterprise: codes differ */
	bool		disputed;
	bool		guarantees;		/* EB03, ED04 or ED05 hold something */
	uint32		report_day;		/* 0: not known */
	uint32		undated_discounts;	/* ED02, EB02 class 4 */
	uint32		summary_borrowings; /* EB02 classes 1 to 3 */
	uint32		first_year;		/* EB01AR01, 0: none */
	uint32		institutions;	/* EB01AS01 */
	uint32		naccounts;
	ReportAccount *accounts;
	uint32		nmerged;		/* if not 0, only these and report_day are set */
	struct Report *merged;		/* single reports */
} Report;

/*
 * Rules: which codes count as having borrowed.
 */
typedef enum ReportCounts
{
	COUNTS_NO,
	COUNTS_UNKNOWN,				/* cannot be told */
	COUNTS_YES
} ReportCounts;

typedef enum ReportCodeList
{
	LIST_ENTERPRISE,			/* AD05 */
	LIST_PERSON,				/* PD01AD03 */
	LIST_CLASS					/* AD02, enterprises */
} ReportCodeList;

/* Matters of policy: what a caller may turn on or off. */
#define POLICY_ADVANCES 0x01	/* 41 */
#define POLICY_DISPOSED 0x02	/* 51, C1 */
#define POLICY_LEASING 0x04		/* 14 */
#define POLICY_UNDRAWN 0x08		/* R1 opened, never drawn */
#define POLICY_SUMMARY 0x10		/* summary of borrowings without accounts */
#define POLICY_DEFAULT (POLICY_ADVANCES | POLICY_DISPOSED | POLICY_LEASING)

typedef struct ReportRule
{
	uint8		list;
	uint8		code;			/* as in ReportAccount */
	uint8		counts;
	uint8		option;			/* counts only with this option, 0: always */
	ReportText	text;			/* for BUSINESS_OTHER, CLASS_OTHER */
	const char *row;			/* in the table of the documentation */
} ReportRule;

typedef struct ReportPolicy
{
	uint32		options;
	int			nrules;			/* rules that go before the standard ones */
	ReportRule *rules;
} ReportPolicy;

/* What a report holds under a policy; all that an answer depends on. */
typedef struct ReportFindings
{
	bool		merged;			/* look at each report */
	bool		disputed;
	bool		undated_counted;	/* borrowed, date not known */
	bool		undated_unknown;	/* may have borrowed, date not known */
	bool		ambiguous;		/* an account may count, see first_ambiguous */
	uint32		report_day;
	uint32		first_counted;	/* first dated account that counts, or 0 */
	uint32		first_ambiguous;	/* first dated one that may, or 0 */
	uint32		policy_kinds;	/* options that would change the findings */
} ReportFindings;

/* Before which date, if any, and how old the report may be. */
typedef struct ReportQuestion
{
	bool		dated;
	DateADT		as_of;
	int32		lag;			/* days */
} ReportQuestion;

typedef enum ReportAnswer
{
	ANSWER_FALSE,
	ANSWER_TRUE,
	ANSWER_UNKNOWN
} ReportAnswer;

/* credit_report_rules.c */
extern const ReportPolicy report_default_policy;
extern const ReportRule *report_rule(bool person, const ReportAccount *account,
									 const ReportPolicy *policy);
extern ReportCounts report_counts(bool person, const ReportAccount *account,
								  const ReportPolicy *policy);
extern int	report_code_rank(ReportCodeList list, uint8 code);
extern void report_find(const Report *report, const ReportPolicy *policy,
						ReportFindings *findings);
extern bool report_unexplained(const Report *report);
extern bool report_code_is_known(bool person, const ReportAccount *account);
extern bool report_class_is_known(const ReportAccount *account);
extern ReportAnswer report_never_borrowed(const ReportFindings *findings);
extern ReportAnswer report_never_borrowed_as_of(const ReportFindings *findings,
												DateADT as_of, int32 lag);
extern ReportAnswer report_answer(const Report *report,
								  const ReportPolicy *policy,
								  const ReportQuestion *question);
extern uint32 report_latest_day(const Report *report);
extern int64 report_question_day(DateADT as_of);

/* credit_report_policy.c: the arguments that all answers take */
extern ReportRule *report_parse_codes(Datum codes, int *nrules);
extern uint32 report_get_options(FunctionCallInfo fcinfo, int first);
extern void report_get_policy(FunctionCallInfo fcinfo, int first,
							  ReportPolicy *policy);
extern int32 report_get_lag(FunctionCallInfo fcinfo, int n);

/* credit_report_flat.c: the stored form */
#define REPORT_HEADER_SIZE 12
extern struct varlena *report_pack(Report *report, Node *escontext);
extern struct varlena *report_pack_merged(ReportText *flats, uint32 n,
										  Node *escontext);
extern uint32 report_merged_count(const struct varlena *flat);
extern const char *report_next_merged(const char *from, const char *end,
									  ReportText *flat);
extern void report_unpack(const struct varlena *flat, Report *report);
static inline void
report_put_word(char *to, uint32 word)
{
	to[0] = (char) (word & 0xFF);
	to[1] = (char) (word >> 8 & 0xFF);
	to[2] = (char) (word >> 16 & 0xFF);
	to[3] = (char) (word >> 24);
}
extern const struct varlena *report_detoast(Datum datum);
extern bool report_header(Datum datum, Report *report,
						  ReportFindings *findings);
extern bool report_quick_answer(Datum datum, ReportAnswer *answer);
extern void report_load(Datum datum, Report *report);
extern void report_join_accounts(Report *report);
extern void report_sort_accounts(Report *report);
extern Size report_put_account(char *to, const ReportAccount *account);
#define REPORT_ACCOUNT_MIN 4	/* least that report_account_size() tells */
extern Size report_account_size(const ReportAccount *account);

/*
 * credit_report_agg.c: the state of an aggregate while it grows: accounts, or
 * in merge() reports, each after its length
 */
#define REPORT_STATE_TAG 0x0F	/* its first byte: no version will be that */
#define REPORT_MERGE_TAG 0x0E	/* nor that */

typedef struct ReportState
{
	int32		vl_len_;		/* includes the room */
	uint8		tag;			/* one of the above */
	uint8		subject;
	uint16		unused;
	uint32		used;			/* bytes of data */
	uint32		report_day;
	uint32		nitems;
	char		data[FLEXIBLE_ARRAY_MEMBER];
} ReportState;

extern void report_check_aggregate(FunctionCallInfo fcinfo, const char *name);
extern ReportState *report_state_create(uint8 tag, Size room);
extern ReportState *report_state_reserve(ReportState *state, Size more);
extern bool report_is_state(const ReportState *state, uint8 tag, Size item,
							const char *aggregate);
extern void report_state_unpack(const struct varlena *state, Report *report);
extern const char *report_get_account(const char *from, const char *end,
									  ReportAccount *account);

/* credit_report_merge.c */
extern struct varlena *report_merge_finish(const struct varlena *state);

/* credit_report_values.c: what the ways in and out have in common */
extern bool report_trim(const char *data, int len, ReportText *text);
extern void report_set_business(ReportAccount *account, ReportText code);
extern void report_set_class(ReportAccount *account, ReportText code);
extern ReportText report_business_code(const ReportAccount *account,
									   char buf[2]);
extern ReportText report_class_code(const ReportAccount *account);
extern bool report_set_date(DateADT date, uint32 *day);
extern bool report_set_subject(ReportText name, bool *person);
extern char *report_date_text(DateADT date);
extern bool report_make_date(int year, int month, int day, DateADT *date);
extern const char *report_shown(const char *text);
extern Datum report_text_datum(ReportText text, bool *isnull);
extern TupleDesc report_result_tupdesc(FunctionCallInfo fcinfo);

/* credit_report_json.c */
extern bool report_from_json(Datum json, Report *report, Node *escontext);
extern bool report_is_key(const char *name, int len);

#define report_day_date(day) ((DateADT) (day) + REPORT_EPOCH)
#define REPORT_DATE_RANGE "1900-01-02 to 2617-09-22"

#endif							/* CREDIT_REPORT_H */
