/*
 * stat_period.c
 *		Names of statistical periods: years, halves, quarters, months.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

#include "compat.h"
#include "words.h"

/* Whole months: from the first of one to the first of another, which is outside. */
typedef struct Months
{
	int			year;
	int			month;			/* 1-12 */
	int			count;
} Months;

/* Digits of a quarter in either script; 两 is 2 before a measure word. */
static const struct
{
	const char *word;
	int			value;
}			numerals[] = {
	{"一", 1}, {"二", 2}, {"两", 2}, {"三", 3}, {"四", 4}, {"五", 5},
	{"六", 6}, {"七", 7}, {"八", 8}, {"九", 9}
};

/* Step over a word if it stands at *rest; ASCII letters match in either case. */
static bool
take(Span *rest, const char *word)
{
	int			len = strlen(word);

	if (!span_begins_fold(*rest, word, len))
		return false;
	rest->s += len;
	rest->len -= len;
	return true;
}

/* Step over min to max digits, not followed by another. */
static bool
take_number(Span *rest, int min, int max, int *value)
{
	int			n = 0;
	int			v = 0;

	while (n < rest->len && ascii_digit(rest->s[n]))
	{
		if (++n > max)
			return false;
		v = v * 10 + (rest->s[n - 1] - '0');
	}
	if (n < min)
		return false;
	*value = v;
	rest->s += n;
	rest->len -= n;
	return true;
}

static bool
take_numeral(Span *rest, int *value)
{
	for (int i = 0; i < lengthof(numerals); i++)
	{
		if (take(rest, numerals[i].word))
		{
			*value = numerals[i].value;
			return true;
		}
	}
	return take_number(rest, 1, 1, value);
}

/* The n-th of the year's halves or quarters. */
static bool
part_of_year(const char *what, int n, int parts, Months *result, const char **detail)
{
	if (n < 1 || n > parts)
	{
		*detail = psprintf("A year has %s 1 to %d, there is no %d.", what, parts, n);
		return false;
	}
	result->count = 12 / parts;
	result->month = (n - 1) * result->count + 1;
	return true;
}

static bool
months_of_year(int first, int last, Months *result, const char **detail)
{
	if (first < 1 || first > 12 || last < 1 || last > 12)
		*detail = psprintf("A year has months 1 to 12, there is no %d.",
						   first < 1 || first > 12 ? first : last);
	else if (first > last)
		*detail = psprintf("Month %d is after month %d.", first, last);
	else
	{
		result->month = first;
		result->count = last - first + 1;
		return true;
	}
	return false;
}

static bool
to_year(int last, Months *result, const char **detail)
{
	if (result->year > last)
	{
		*detail = psprintf("Year %04d is after year %04d.", result->year, last);
		return false;
	}
	result->month = 1;
	result->count = (last - result->year + 1) * 12;
	return true;
}

/*
 * Read a name of a period.  *detail says what is wrong where the form is right
 * but the number is not.
 */
static bool
read_period(Span rest, Months *result, const char **detail)
{
	bool		dash;
	int			n;
	int			last;

	*detail = NULL;
	result->month = 1;
	result->count = 12;
	if (!take_number(&rest, 4, 4, &result->year))
		return false;
	if (result->year == 0)
	{
		*detail = "There is no year 0000.";
		return false;
	}
	if (rest.len == 0)
		return true;			/* 2024 */

	if (take(&rest, "年"))
	{
		if (take(&rest, "全年"))
			return rest.len == 0;	/* 2024年全年 */
		(void) take(&rest, "度");
		if (rest.len == 0)
			return true;		/* 2024年, 2024年度 */
		if (take(&rest, "上半年"))
			return rest.len == 0 && part_of_year("halves", 1, 2, result, detail);
		if (take(&rest, "下半年"))
			return rest.len == 0 && part_of_year("halves", 2, 2, result, detail);

		if (take(&rest, "前")) /* 2024年前三季度 */
		{
			if (!take_numeral(&rest, &n))
				return false;
			(void) take(&rest, "个");
			if (!take(&rest, "季度") || rest.len != 0 ||
				!part_of_year("quarters", n, 4, result, detail))
				return false;
			result->month = 1;
			result->count = n * 3;
			return true;
		}

		if (take(&rest, "第")) /* 2024年第三季度 */
			return take_numeral(&rest, &n) && take(&rest, "季度") && rest.len == 0 &&
				part_of_year("quarters", n, 4, result, detail);

		if (take_number(&rest, 1, 2, &n))
		{
			if (take(&rest, "-"))	/* 2024年1-9月 */
				return take_number(&rest, 1, 2, &last) && take(&rest, "月") &&
					rest.len == 0 && months_of_year(n, last, result, detail);
			if (take(&rest, "月")) /* 2024年5月 */
				return rest.len == 0 && months_of_year(n, n, result, detail);
		}
		else if (!take_numeral(&rest, &n))
			return false;
		return take(&rest, "季度") && rest.len == 0 &&	/* 2024年三季度 */
			part_of_year("quarters", n, 4, result, detail);
	}

	dash = take(&rest, "-");
	if (take(&rest, "H"))		/* 2024H1 */
		return take_number(&rest, 1, 2, &n) && rest.len == 0 &&
			part_of_year("halves", n, 2, result, detail);
	if (take(&rest, "Q"))		/* 2024Q3 */
		return take_number(&rest, 1, 2, &n) && rest.len == 0 &&
			part_of_year("quarters", n, 4, result, detail);
	if (!dash)
		return false;
	if (take_number(&rest, 2, 2, &n))	/* 2024-05 */
		return rest.len == 0 && months_of_year(n, n, result, detail);
	if (!take_number(&rest, 4, 4, &last))
		return false;
	(void) take(&rest, "年");	/* 2024-2026 */
	return rest.len == 0 && to_year(last, result, detail);
}

/* The first of the month that is "months" after January of the year. */
static RangeBound
month_bound(int year, int months, bool lower)
{
	RangeBound	bound;

	bound.val = DateADTGetDatum(date2j(year + months / 12, months % 12 + 1, 1) -
								POSTGRES_EPOCH_JDATE);
	bound.infinite = false;
	bound.inclusive = lower;
	bound.lower = lower;
	return bound;
}

/*
 * stat_period(text): the dates of 2024, 2024H1, 2024-Q3, 2024-05, 2024-2026,
 * 2024年上半年, 2024年前三季度, 2024年1-9月 and the like, as [from, to).  Anything
 * else is 22007, with a hint that lists the forms.
 */
PG_FUNCTION_INFO_V1(stat_period);
Datum
stat_period(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);
	TypeCacheEntry *typcache = range_get_typcache(fcinfo, DATERANGEOID);
	Months		period;
	const char *detail;
	RangeBound	lower;
	RangeBound	upper;

	if (!read_period(span_utf8_text(name), &period, &detail))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_DATETIME_FORMAT),
				 errmsg("invalid statistical period \"%s\"", text_to_cstring(name)),
				 detail ? errdetail_internal("%s", detail) : 0,
				 errhint("Write 2024, 2024H1, 2024Q3, 2024-05 or 2024-2026%s.",
						 zh_or("; or 2024年, 2024年上半年, 2024年三季度, 2024年前三季度, 2024年5月, 2024年1-9月, 2024-2026年", ""))));

	lower = month_bound(period.year, period.month - 1, true);
	upper = month_bound(period.year, period.month - 1 + period.count, false);
	PG_RETURN_RANGE_P(range_serialize(typcache, &lower, &upper, false
#if PG_VERSION_NUM >= 160000
									  ,NULL
#endif
									  ));
}
