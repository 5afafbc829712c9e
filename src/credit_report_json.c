/*
 * credit_report_json.c
 *		The text form of a credit report: a JSON object.
 *
 * Core parses the JSON.  A key that is not known, a value of the wrong type,
 * a date that is none: each is an error that says where, for a key that is
 * misspelt would make a borrower a household that has never borrowed.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "credit_report.h"

PG_FUNCTION_INFO_V1(credit_report_in);
PG_FUNCTION_INFO_V1(credit_report_out);

/* Where a value stands. */
typedef struct Place
{
	const char *key;
	uint32		account;		/* from 1; 0: outside the accounts */
} Place;

typedef enum ReportKey
{
	KEY_REPORT_DATE,
	KEY_SUBJECT,
	KEY_DISPUTED,
	KEY_ACCOUNTS,
	KEY_UNDATED_DISCOUNTS,
	KEY_SUMMARY_BORROWINGS,
	KEY_GUARANTEES,
	KEY_FIRST_YEAR,
	KEY_INSTITUTIONS,
	KEY_MERGED
} ReportKey;

static const char *const report_keys[] = {
	"report_date", "subject", "disputed", "accounts", "undated_discounts",
	"summary_borrowings", "guarantee_transactions", "first_credit_year",
	"institutions_ever", "merged"
};

typedef enum AccountKey
{
	KEY_ID,
	KEY_BUSINESS,
	KEY_CLASS,
	KEY_OPENED_ON,
	KEY_DRAWN,
	KEY_SETTLED
} AccountKey;

static const char *const account_keys[] = {
	"id", "business", "class", "opened_on", "drawn", "settled"
};

/* Whether a key is one of a report's text form. */
bool
report_is_key(const char *name, int len)
{
	for (int i = 0; i < lengthof(report_keys); i++)
	{
		if (strlen(report_keys[i]) == len &&
			memcmp(report_keys[i], name, len) == 0)
			return true;
	}
	return false;
}

static const char *
place_text(Place place)
{
	if (place.account == 0)
		return psprintf("\"%s\"", place.key);
	if (place.key == NULL)
		return psprintf("Account %u", place.account);
	return psprintf("\"%s\" of account %u", place.key, place.account);
}

static const char *
value_text(const JsonbValue *value)
{
	switch (value->type)
	{
		case jbvNull:
			return "null";
		case jbvBool:
			return value->val.boolean ? "true" : "false";
		case jbvNumeric:
			return DatumGetCString(DirectFunctionCall1(numeric_out,
													   NumericGetDatum(value->val.numeric)));
		case jbvString:
			return pnstrdup(value->val.string.val, value->val.string.len);
		default:
			return JsonContainerIsArray(value->val.binary.data) ? "[...]" : "{...}";
	}
}

/* "VALUE" ... "report_date" is not a date ... */
static bool
refuse(Node *escontext, Place place, const JsonbValue *value, int sqlstate,
	   const char *what)
{
	ereturn(escontext, false,
			(errcode(sqlstate),
			 errmsg("invalid input syntax for type %s: \"%s\"",
					"credit_report", report_shown(value_text(value))),
			 errdetail("%s %s.", place_text(place), what)));
}

static bool
wrong_type(Node *escontext, Place place, const JsonbValue *value,
		   const char *type)
{
	return refuse(escontext, place, value, ERRCODE_INVALID_TEXT_REPRESENTATION,
				  psprintf("must be %s", type));
}

static bool
get_flag(const JsonbValue *value, Place place, bool absent, bool *result,
		 Node *escontext)
{
	if (value->type == jbvNull)
		*result = absent;
	else if (value->type == jbvBool)
		*result = value->val.boolean;
	else
		return wrong_type(escontext, place, value, "true or false");
	return true;
}

/* A whole number from 0 to max; 0 is as good as absent. */
static bool
get_count(const JsonbValue *value, Place place, uint32 max, uint32 *result,
		  Node *escontext)
{
	const char *digits;
	uint64		number = 0;

	*result = 0;
	if (value->type == jbvNull)
		return true;
	if (value->type != jbvNumeric)
		return wrong_type(escontext, place, value, "a number");
	digits = value_text(value);
	if (digits[strspn(digits, "0123456789")] != '\0' && digits[0] != '-')
		return wrong_type(escontext, place, value, "a whole number");
	for (const char *p = digits; *p >= '0' && *p <= '9' && number <= max; p++)
		number = number * 10 + (*p - '0');
	if (digits[0] == '-' || number > max)
		return refuse(escontext, place, value,
					  ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
					  psprintf("must lie between 0 and %u", max));
	*result = (uint32) number;
	return true;
}

static bool
get_year(const JsonbValue *value, Place place, uint32 *result, Node *escontext)
{
	if (!get_count(value, place, 9999, result, escontext))
		return false;
	/* the years of the sentinel dates */
	if (*result == 1 || *result == 1900 || *result == 9999)
		*result = 0;
	if (*result != 0 &&
		(*result < REPORT_MIN_YEAR || *result > REPORT_MAX_YEAR))
		return refuse(escontext, place, value,
					  ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
					  psprintf("must lie between %d and %d",
							   REPORT_MIN_YEAR, REPORT_MAX_YEAR));
	return true;
}

static bool
get_text(const JsonbValue *value, Place place, ReportText *result,
		 Node *escontext)
{
	result->data = NULL;
	result->len = 0;
	if (value->type == jbvNull)
		return true;
	if (value->type != jbvString)
		return wrong_type(escontext, place, value, "a string");
	if (!report_trim(value->val.string.val, value->val.string.len, result))
		return refuse(escontext, place, value, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					  psprintf("must not be longer than %d bytes",
							   REPORT_MAX_TEXT));
	return true;
}

/* YYYY-MM-DD alone, whatever DateStyle is. */
static bool
parse_date(ReportText text, DateADT *date)
{
	int			part[3] = {0, 0, 0};
	static const char form[] = "0000-11-22";

	if (text.len != sizeof(form) - 1)
		return false;
	for (int i = 0; i < text.len; i++)
	{
		char		c = text.data[i];

		if (form[i] == '-')
		{
			if (c != '-')
				return false;
		}
		else if (c >= '0' && c <= '9')
			part[form[i] - '0'] = part[form[i] - '0'] * 10 + (c - '0');
		else
			return false;
	}
	return report_make_date(part[0], part[1], part[2], date);
}

static bool
get_date(const JsonbValue *value, Place place, uint32 *day, Node *escontext)
{
	ReportText	text;
	DateADT		date;

	*day = 0;
	if (!get_text(value, place, &text, escontext))
		return false;
	if (text.len == 0)
		return true;
	if (!parse_date(text, &date))
		return refuse(escontext, place, value,
					  ERRCODE_INVALID_DATETIME_FORMAT,
					  "is not a date of the form YYYY-MM-DD");
	if (!report_set_date(date, day))
		return refuse(escontext, place, value,
					  ERRCODE_DATETIME_FIELD_OVERFLOW,
					  "is out of range, " REPORT_DATE_RANGE);
	return true;
}

/* The number of a key; an error, or -1 if soft, where it is none of these. */
static int
find_key(const JsonbValue *key, const char *const *names, int nnames,
		 uint32 account, Node *escontext)
{
	StringInfoData known;
	const char *name;

	for (int i = 0; i < nnames; i++)
	{
		if (strlen(names[i]) == key->val.string.len &&
			memcmp(names[i], key->val.string.val, key->val.string.len) == 0)
			return i;
	}
	initStringInfo(&known);
	for (int i = 0; i < nnames; i++)
		appendStringInfo(&known, "%s%s", i > 0 ? ", " : "", names[i]);
	name = report_shown(value_text(key));
	ereturn(escontext, -1,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s: \"%s\"",
					"credit_report", name),
			 account > 0 ?
			 errdetail("Account %u has this key, which is not known.", account) :
			 errdetail("The report has this key, which is not known."),
			 errhint("Known keys: %s.", known.data)));
}

static bool
parse_account(const JsonbValue *object, uint32 number, ReportAccount *account,
			  Node *escontext)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;
	Place		place = {NULL, number};
	int			key = -1;
	bool		flag;
	ReportText	text;

	memset(account, 0, sizeof(*account));
	account->business = BUSINESS_NONE;
	account->class = CLASS_NONE;

	if (object->type != jbvBinary ||
		!JsonContainerIsObject(object->val.binary.data))
		return wrong_type(escontext, place, object, "an object");

	it = JsonbIteratorInit(object->val.binary.data);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			key = find_key(&value, account_keys, lengthof(account_keys), number,
						   escontext);
			if (key < 0)
				return false;
			place.key = account_keys[key];
		}
		if (token != WJB_VALUE)
			continue;
		switch ((AccountKey) key)
		{
			case KEY_ID:
				if (!get_text(&value, place, &account->id, escontext))
					return false;
				break;
			case KEY_BUSINESS:
				if (!get_text(&value, place, &text, escontext))
					return false;
				report_set_business(account, text);
				break;
			case KEY_CLASS:
				if (!get_text(&value, place, &text, escontext))
					return false;
				report_set_class(account, text);
				break;
			case KEY_OPENED_ON:
				if (!get_date(&value, place, &account->day, escontext))
					return false;
				break;
			case KEY_DRAWN:
				if (!get_flag(&value, place, true, &flag, escontext))
					return false;
				account->undrawn = !flag;
				break;
			case KEY_SETTLED:
				if (!get_flag(&value, place, false, &account->settled,
							  escontext))
					return false;
				break;
		}
	}
	if (account->undrawn && account->class != CLASS_R1)
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						"credit_report", "false"),
				 errdetail("\"drawn\" of account %u is false, but its \"class\" is not R1.",
						   number),
				 errhint("Only a revolving account (R1) is opened without being drawn.")));
	return true;
}

static bool
parse_accounts(const JsonbValue *array, Report *report, Node *escontext)
{
	JsonbContainer *container;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;
	Place		place = {report_keys[KEY_ACCOUNTS], 0};
	uint32		n;

	if (array->type == jbvNull)
		return true;
	if (array->type != jbvBinary ||
		!JsonContainerIsArray(array->val.binary.data))
		return wrong_type(escontext, place, array, "an array");
	container = array->val.binary.data;
	n = JsonContainerSize(container);
	if (n > REPORT_MAX_ACCOUNTS)
		return refuse(escontext, place, array, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					  psprintf("must not hold more than %d accounts",
							   REPORT_MAX_ACCOUNTS));

	report->accounts = palloc(Max(n, 1) * sizeof(ReportAccount));
	it = JsonbIteratorInit(container);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (!parse_account(&value, report->naccounts + 1,
						   &report->accounts[report->naccounts], escontext))
			return false;
		report->naccounts++;
	}
	return true;
}

static bool
parse_subject(const JsonbValue *value, Place place, Report *report,
			  Node *escontext)
{
	ReportText	text;

	if (!get_text(value, place, &text, escontext))
		return false;
	if (text.len > 0 && !report_set_subject(text, &report->person))
		return refuse(escontext, place, value,
					  ERRCODE_INVALID_TEXT_REPRESENTATION,
					  "must be \"enterprise\" or \"person\"");
	return true;
}

static bool parse_merged(const JsonbValue *array, Report *report,
						 Node *escontext);

static bool
parse_report(JsonbContainer *object, bool single, Report *report,
			 Node *escontext)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;
	Place		place = {NULL, 0};
	int			key = -1;
	int			nkeys = 0;
	bool		ok = true;

	memset(report, 0, sizeof(*report));
	it = JsonbIteratorInit(object);
	while (ok && (token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			key = find_key(&value, report_keys, lengthof(report_keys), 0,
						   escontext);
			if (key < 0)
				return false;
			place.key = report_keys[key];
			nkeys++;
		}
		if (token != WJB_VALUE)
			continue;
		switch ((ReportKey) key)
		{
			case KEY_REPORT_DATE:
				ok = get_date(&value, place, &report->report_day, escontext);
				break;
			case KEY_SUBJECT:
				ok = parse_subject(&value, place, report, escontext);
				break;
			case KEY_DISPUTED:
				ok = get_flag(&value, place, false, &report->disputed,
							  escontext);
				break;
			case KEY_ACCOUNTS:
				ok = parse_accounts(&value, report, escontext);
				break;
			case KEY_UNDATED_DISCOUNTS:
				ok = get_count(&value, place, REPORT_MAX_COUNT,
							   &report->undated_discounts, escontext);
				break;
			case KEY_SUMMARY_BORROWINGS:
				ok = get_count(&value, place, REPORT_MAX_COUNT,
							   &report->summary_borrowings, escontext);
				break;
			case KEY_GUARANTEES:
				ok = get_flag(&value, place, false, &report->guarantees,
							  escontext);
				break;
			case KEY_FIRST_YEAR:
				ok = get_year(&value, place, &report->first_year, escontext);
				break;
			case KEY_INSTITUTIONS:
				ok = get_count(&value, place, REPORT_MAX_COUNT,
							   &report->institutions, escontext);
				break;
			case KEY_MERGED:
				ok = single ?
					refuse(escontext, place, &value,
						   ERRCODE_INVALID_TEXT_REPRESENTATION,
						   "must not stand in a report that is merged itself") :
					parse_merged(&value, report, escontext);
				break;
		}
	}
	if (ok && report->nmerged > 0 && nkeys > 1)
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						"credit_report", report_keys[KEY_MERGED]),
				 errdetail("\"%s\" stands beside other keys.",
						   report_keys[KEY_MERGED]),
				 errhint("Merged reports are {\"merged\": [{...}, {...}]} and nothing else.")));
	return ok;
}

/* An array of reports. */
static bool
parse_merged(const JsonbValue *array, Report *report, Node *escontext)
{
	Place		place = {report_keys[KEY_MERGED], 0};
	JsonbContainer *container;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;
	uint32		n;

	if (array->type != jbvBinary ||
		!JsonContainerIsArray(array->val.binary.data))
		return wrong_type(escontext, place, array, "an array");
	container = array->val.binary.data;
	n = JsonContainerSize(container);
	if (n == 0)
		return wrong_type(escontext, place, array, "an array of reports");
	if (n > REPORT_MAX_MERGED)
		return refuse(escontext, place, array, ERRCODE_PROGRAM_LIMIT_EXCEEDED,
					  psprintf("must not hold more than %d reports",
							   REPORT_MAX_MERGED));

	report->merged = palloc_extended(n * sizeof(Report), MCXT_ALLOC_HUGE);
	it = JsonbIteratorInit(container);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (value.type != jbvBinary ||
			!JsonContainerIsObject(value.val.binary.data))
			return wrong_type(escontext, place, &value,
							  "an array of objects");
		if (!parse_report(value.val.binary.data, true,
						  &report->merged[report->nmerged], escontext))
			return false;
		report->nmerged++;
	}
	return true;
}

/* The report's texts point into json, a jsonb that is not toasted. */
bool
report_from_json(Datum json, Report *report, Node *escontext)
{
	Jsonb	   *jb = DatumGetJsonbP(json);

	if (!JB_ROOT_IS_OBJECT(jb))
		ereturn(escontext, false,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						"credit_report",
						report_shown(JsonbToCString(NULL, &jb->root, VARSIZE(jb)))),
				 errdetail("The report must be a JSON object.")));
	return parse_report(&jb->root, false, report, escontext);
}

/*
 * credit_report_in(cstring): see doc/credit_report.md for the keys.
 */
Datum
credit_report_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	Node	   *escontext = fl_escontext(fcinfo);
	Datum		json;
	Report		report;
	struct varlena *flat;

#if PG_VERSION_NUM >= 160000
	if (!DirectInputFunctionCallSafe(jsonb_in, text, InvalidOid, -1,
									 escontext, &json))
		return (Datum) 0;
#else
	json = DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
#endif
	if (!report_from_json(json, &report, escontext))
		return (Datum) 0;
	flat = report_pack(&report, escontext);
	if (flat == NULL)
		return (Datum) 0;
	PG_RETURN_POINTER(flat);
}

/*
 * Output: keys in one order, those at their default left out.
 */
static void
put_key(StringInfo out, const char *key)
{
	char		last = out->data[out->len - 1];

	appendStringInfo(out, "%s\"%s\": ",
					 last == '{' || last == '[' ? "" : ", ", key);
}

static void
put_text(StringInfo out, const char *key, ReportText text)
{
	char	   *copy;

	if (text.len == 0)
		return;
	put_key(out, key);
	copy = pnstrdup(text.data, text.len);
	escape_json(out, copy);
	pfree(copy);
}

static void
put_day(StringInfo out, const char *key, uint32 day)
{
	char	   *text;

	if (day == 0)
		return;
	put_key(out, key);
	text = report_date_text(report_day_date(day));
	appendStringInfo(out, "\"%s\"", text);
	pfree(text);
}

static void
put_count(StringInfo out, const char *key, uint32 count)
{
	if (count == 0)
		return;
	put_key(out, key);
	appendStringInfo(out, "%u", count);
}

/* A flag, where it is not at its default. */
static void
put_flag(StringInfo out, const char *key, bool put, bool value)
{
	if (!put)
		return;
	put_key(out, key);
	appendStringInfoString(out, value ? "true" : "false");
}

static void
put_account(StringInfo out, const ReportAccount *account)
{
	char		buf[2];

	appendStringInfoChar(out, '{');
	put_text(out, account_keys[KEY_ID], account->id);
	put_text(out, account_keys[KEY_BUSINESS],
			 report_business_code(account, buf));
	put_text(out, account_keys[KEY_CLASS], report_class_code(account));
	put_day(out, account_keys[KEY_OPENED_ON], account->day);
	put_flag(out, account_keys[KEY_DRAWN], account->undrawn, false);
	put_flag(out, account_keys[KEY_SETTLED], account->settled, true);
	appendStringInfoChar(out, '}');
}

static void
put_report(StringInfo out, const Report *report)
{
	appendStringInfoChar(out, '{');
	put_day(out, report_keys[KEY_REPORT_DATE], report->report_day);
	if (report->person)
	{
		put_key(out, report_keys[KEY_SUBJECT]);
		appendStringInfoString(out, "\"person\"");
	}
	put_flag(out, report_keys[KEY_DISPUTED], report->disputed, true);
	if (report->naccounts > 0)
	{
		put_key(out, report_keys[KEY_ACCOUNTS]);
		appendStringInfoChar(out, '[');
		for (uint32 i = 0; i < report->naccounts; i++)
		{
			if (i > 0)
				appendStringInfoString(out, ", ");
			put_account(out, &report->accounts[i]);
		}
		appendStringInfoChar(out, ']');
	}
	put_count(out, report_keys[KEY_UNDATED_DISCOUNTS],
			  report->undated_discounts);
	put_count(out, report_keys[KEY_SUMMARY_BORROWINGS],
			  report->summary_borrowings);
	put_flag(out, report_keys[KEY_GUARANTEES], report->guarantees, true);
	put_count(out, report_keys[KEY_FIRST_YEAR], report->first_year);
	put_count(out, report_keys[KEY_INSTITUTIONS], report->institutions);
	appendStringInfoChar(out, '}');
}

/*
 * credit_report_out(credit_report): the text that gives the same value again.
 */
Datum
credit_report_out(PG_FUNCTION_ARGS)
{
	Report		report;
	StringInfoData out;

	report_load(PG_GETARG_DATUM(0), &report);
	initStringInfo(&out);
	if (report.nmerged == 0)
		put_report(&out, &report);
	else
	{
		appendStringInfoChar(&out, '{');
		put_key(&out, report_keys[KEY_MERGED]);
		appendStringInfoChar(&out, '[');
		for (uint32 i = 0; i < report.nmerged; i++)
		{
			if (i > 0)
				appendStringInfoString(&out, ", ");
			put_report(&out, &report.merged[i]);
		}
		appendStringInfoString(&out, "]}");
	}
	PG_RETURN_CSTRING(out.data);
}
