/*
 * credit_report_values.c
 *		Codes and dates, as every way in and out of a report treats them.
 */
#include "postgres.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

#include "credit_report.h"

#define SHOWN_MAX 64			/* bytes of a value in a message */

static const char *const class_codes[] = {
	"C1", "D1", "D2", "R1", "R2", "R3", "R4"
};

static inline bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * Blanks around a text say nothing, and "--" is how the report writes that
 * there is none.  False if what remains is too long.
 */
bool
report_trim(const char *data, int len, ReportText *text)
{
	while (len > 0 && is_blank(data[len - 1]))
		len--;
	while (len > 0 && is_blank(data[0]))
	{
		data++;
		len--;
	}
	if (len == 2 && memcmp(data, "--", 2) == 0)
		len = 0;
	text->data = len > 0 ? data : NULL;
	text->len = len;
	return len <= REPORT_MAX_TEXT;
}

void
report_set_business(ReportAccount *account, ReportText code)
{
	account->business_text.data = NULL;
	account->business_text.len = 0;
	if (code.len == 0)
		account->business = BUSINESS_NONE;
	else if (code.len == 2 && code.data[0] >= '0' && code.data[0] <= '9' &&
			 code.data[1] >= '0' && code.data[1] <= '9')
		account->business = (code.data[0] - '0') * 10 + (code.data[1] - '0');
	else
	{
		account->business = BUSINESS_OTHER;
		account->business_text = code;
	}
}

void
report_set_class(ReportAccount *account, ReportText code)
{
	account->class_text.data = NULL;
	account->class_text.len = 0;
	account->class = CLASS_NONE;
	if (code.len == 0)
		return;
	for (int i = 0; i < lengthof(class_codes); i++)
	{
		if (code.len == 2 && pg_strncasecmp(code.data, class_codes[i], 2) == 0)
		{
			account->class = i;
			return;
		}
	}
	account->class = CLASS_OTHER;
	account->class_text = code;
}

ReportText
report_business_code(const ReportAccount *account, char buf[2])
{
	ReportText	code = account->business_text;

	if (account->business <= 99)
	{
		buf[0] = '0' + account->business / 10;
		buf[1] = '0' + account->business % 10;
		code.data = buf;
		code.len = 2;
	}
	return code;
}

ReportText
report_class_code(const ReportAccount *account)
{
	ReportText	code = account->class_text;

	if (account->class < lengthof(class_codes))
	{
		code.data = class_codes[account->class];
		code.len = 2;
	}
	return code;
}

/*
 * A finite date as a day of a report; sentinels (domain.md, section 5) become
 * 0.  1970-01-01 stays a date: as a sentinel it is not confirmed.  False if
 * out of range.
 */
bool
report_set_date(DateADT date, uint32 *day)
{
	int64		n = (int64) date - REPORT_EPOCH;

	*day = 0;
	if (date == REPORT_EPOCH ||
		date == date2j(1, 1, 1) - POSTGRES_EPOCH_JDATE ||
		date == date2j(9999, 12, 31) - POSTGRES_EPOCH_JDATE)
		return true;
	if (n < 1 || n > REPORT_MAX_DAY)
		return false;
	*day = (uint32) n;
	return true;
}

/* False if there is no such day. */
bool
report_make_date(int year, int month, int day, DateADT *date)
{
	if (year < 1 || month < 1 || month > MONTHS_PER_YEAR ||
		day < 1 || day > day_tab[isleap(year)][month - 1])
		return false;
	*date = date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
	return true;
}

bool
report_set_subject(ReportText name, bool *person)
{
	*person = name.len == 6 && memcmp(name.data, "person", 6) == 0;
	return *person ||
		(name.len == 10 && memcmp(name.data, "enterprise", 10) == 0);
}

/* Always ISO: the text form must not hang on DateStyle. */
char *
report_date_text(DateADT date)
{
	int			year,
				month,
				day;

	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return psprintf("%04d-%02d-%02d", year, month, day);
}

/* A user's value, as much of it as a message can bear. */
const char *
report_shown(const char *text)
{
	int			len = strlen(text);

	if (len <= SHOWN_MAX)
		return text;
	return psprintf("%.*s...", pg_mbcliplen(text, len, SHOWN_MAX), text);
}

/* A text for SQL; NULL where there is none. */
Datum
report_text_datum(ReportText text, bool *isnull)
{
	*isnull = text.len == 0;
	if (*isnull)
		return (Datum) 0;
	return PointerGetDatum(cstring_to_text_with_len(text.data, text.len));
}

/* The rows that a function with OUT parameters returns. */
TupleDesc
report_result_tupdesc(FunctionCallInfo fcinfo)
{
	TupleDesc	tupdesc;

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("function returning record called in context that cannot accept type record")));
	return BlessTupleDesc(tupdesc);
}
