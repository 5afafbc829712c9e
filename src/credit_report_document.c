/*
 * credit_report_document.c
 *		What the elements of a second-generation credit report come to.
 *
 * Elements are known by name wherever they stand: converters leave out the
 * root, and segments are nested more or less deep.  What the report says of
 * anything but borrowings is passed over.  Names of elements that are not in
 * domain.md, section 4, are those that public readers of these reports use.
 */
#include "postgres.h"

#include "credit_report_document.h"

typedef enum DocumentUnit
{
	UNIT_HEADER,
	UNIT_NOTICE,
	UNIT_SUMMARY,
	UNIT_GUARANTEE_SUMMARY,
	UNIT_ACCOUNT,
	UNIT_DISCOUNTS,
	UNIT_GUARANTEE,
	UNIT_GUARANTEES,
	UNIT_DISPUTE,
	UNIT_PERSON_HEADER,
	UNIT_PERSON_SUMMARY,
	UNIT_PERSON_ACCOUNT,
	NUNITS,
	UNIT_NONE = NUNITS
} DocumentUnit;

typedef struct UnitName
{
	char		name[DOCUMENT_UNIT_LEN + 1];
	const char *group;
} UnitName;

static const UnitName unit_names[NUNITS] = {
	[UNIT_HEADER] = {"EA01", "EAA"},
	[UNIT_NOTICE] = {"EB01", "EBA"},
	[UNIT_SUMMARY] = {"EB02", "EBB"},
	[UNIT_GUARANTEE_SUMMARY] = {"EB03", "EBC"},
	[UNIT_ACCOUNT] = {"ED01", "EDA"},
	[UNIT_DISCOUNTS] = {"ED02", "EDA"},
	[UNIT_GUARANTEE] = {"ED04", "EDB"},
	[UNIT_GUARANTEES] = {"ED05", "EDB"},
	[UNIT_DISPUTE] = {"EI01", "EIA"},
	[UNIT_PERSON_HEADER] = {"PA01", "PRH"},
	[UNIT_PERSON_SUMMARY] = {"PC02", "PCO"},
	[UNIT_PERSON_ACCOUNT] = {"PD01", "PDA"},
};

/* What is kept of an account until its end. */
typedef enum AccountField
{
	FIELD_ID,
	FIELD_BUSINESS,
	FIELD_CLASS,
	FIELD_OPENED,
	FIELD_STATUS,
	FIELD_CLOSED,
	FIELD_AMOUNT,
	NFIELDS
} AccountField;

static const char *const enterprise_fields[NFIELDS] = {
	"ED01AI01", "ED01AD05", "ED01AD02", "ED01AR01", "ED01AD01", "ED01AR03",
	"ED01AJ01"
};
static const char *const person_fields[NFIELDS] = {
	"PD01AI01", "PD01AD03", "PD01AD01", "PD01AR01", NULL, "PD01BR01",
	"PD01AJ01"
};

/*
 * The summary of borrowings: for unsettled and settled ones, a row a class
 * and quality of the assets, where 0 is the total of either.  Advances and
 * disposed assets stand outside the rows.
 */
#define NSEGMENTS 2
#define NCLASSES 6
#define SUMMARY_TOTAL 0
#define SUMMARY_DISCOUNT 4
#define SUMMARY_OTHER 5

typedef struct SummaryCount
{
	uint64		parts;
	uint64		total;
} SummaryCount;

/* The row, or the unit, that is being read. */
typedef struct DocumentRow
{
	bool		any;			/* something is filled in */
	int			segment;
	ReportText	class;
	ReportText	quality;
	uint64		most;			/* greatest of its counts */
	uint64		sum;			/* of its counts */
	uint64		lone;			/* of those that may stand outside a row */
	bool		amount;			/* an amount above 0 */
	bool		counted;		/* a count is filled in */
} DocumentRow;

struct ReportDocument
{
	Report		report;
	uint32		size;			/* of report.accounts */
	bool		enterprise;
	bool		person;
	bool		has_subject;
	ReportText	time;
	ReportText	year;
	ReportText	institutions;
	ReportText	disputes;		/* number of objections, in the header */
	bool		dispute_unit;	/* EI01 holds something */

	int			depth;
	DocumentUnit unit;
	int			unit_depth;
	uint32		numbers[NUNITS];	/* units met */
	int			field_depth;	/* of the open field, or 0 */
	char		field[DOCUMENT_FIELD_LEN];	/* its name, in upper case */

	ReportText	fields[NFIELDS];	/* of the account */
	bool		moved;			/* the account shows a balance or payment */
	DocumentRow row;
	SummaryCount summary[NSEGMENTS][NCLASSES];
	uint64		outside;		/* EB02 outside the rows */
	uint64		person_accounts;	/* PC02 */
	uint64		discounts;		/* ED02 */
};

static DocumentUnit
find_unit(const char *name)
{
	char		unit[DOCUMENT_UNIT_LEN];

	for (int i = 0; i < DOCUMENT_UNIT_LEN; i++)
		unit[i] = document_fold(name[i]);
	for (int i = 0; i < NUNITS; i++)
	{
		if (memcmp(unit, unit_names[i].name, DOCUMENT_UNIT_LEN) == 0)
			return i;
	}
	return UNIT_NONE;
}

/* Whether anything in an element of this name may matter. */
bool
document_wants(const char *name, int len)
{
	return !document_is_unit(name, len) || find_unit(name) != UNIT_NONE;
}

/*
 * Errors.  An element is named by its path, with the number of the unit where
 * there are several.
 */
static char *
element_path(const ReportDocument *document, DocumentUnit unit,
			 const char *field)
{
	const UnitName *name = &unit_names[unit];

	if (unit == UNIT_ACCOUNT || unit == UNIT_PERSON_ACCOUNT ||
		unit == UNIT_DISCOUNTS)
		return psprintf("Document/%s/%s[%u]/%.*s", name->group, name->name,
						document->numbers[unit], DOCUMENT_FIELD_LEN, field);
	return psprintf("Document/%s/%s/%.*s", name->group, name->name,
					DOCUMENT_FIELD_LEN, field);
}

static void
refuse(const ReportDocument *document, DocumentUnit unit, const char *field,
	   ReportText text, int sqlstate, const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("invalid input syntax for type %s: \"%s\"", "credit_report",
					report_shown(pnstrdup(text.data, text.len))),
			 errdetail("Element %s %s.", element_path(document, unit, field),
					   what),
			 errhint("%s", hint)));
}

static void
refuse_missing(const ReportDocument *document, DocumentUnit unit,
			   const char *field, const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("credit report document has no %s", what),
			 errdetail("Element %s is missing or empty.",
					   element_path(document, unit, field)),
			 errhint("%s", hint)));
}

/*
 * Values
 */
#define DATE_HINT "Write dates as YYYY-MM-DD, with or without a time, and leave empty those that are not known."

/* Takes up to max digits; returns how many there were. */
static int
take_digits(const char **p, const char *end, int max, int *number)
{
	const char *start = *p;

	*number = 0;
	while (*p < end && *p - start < max && document_is_digit(**p))
	{
		*number = *number * 10 + (**p - '0');
		(*p)++;
	}
	return *p - start;
}

/* HH:MM[:SS[.fraction]], then Z or an offset, or nothing; or HHMMSS. */
static bool
is_time(const char *p, const char *end)
{
	int			hour;
	int			minute;
	int			second = 0;
	int			n;

	if (take_digits(&p, end, 2, &hour) != 2)
		return false;
	if (p < end && *p == ':')
		p++;
	if (take_digits(&p, end, 2, &minute) != 2)
		return false;
	if (p < end && (*p == ':' || document_is_digit(*p)))
	{
		if (*p == ':')
			p++;
		if (take_digits(&p, end, 2, &second) != 2)
			return false;
	}
	if (p < end && *p == '.')
	{
		p++;
		if (take_digits(&p, end, 9, &n) == 0)
			return false;
	}
	if (hour > 24 || minute > 59 || second > 60)
		return false;
	if (p < end && (*p == 'Z' || *p == 'z'))
		p++;
	else if (p < end && (*p == '+' || *p == '-'))
	{
		p++;
		if (take_digits(&p, end, 2, &n) != 2)
			return false;
		if (p < end && *p == ':')
			p++;
		if (p < end && take_digits(&p, end, 2, &n) != 2)
			return false;
	}
	return p == end;
}

/*
 * A date, with '-', '/', '.' or nothing between its parts, and the time of
 * day, which is passed over.  A year, or a year and month, are no date: *part
 * tells.
 */
static bool
parse_date(ReportText text, DateADT *date, bool *part)
{
	const char *p = text.data;
	const char *end = p + text.len;
	char		separator = '\0';
	int			year;
	int			month;
	int			day;

	*part = false;
	if (take_digits(&p, end, 4, &year) != 4)
		return false;
	if (p < end && (*p == '-' || *p == '/' || *p == '.'))
		separator = *p++;
	if (p == end && separator == '\0')
	{
		*part = true;
		return true;
	}
	if (take_digits(&p, end, 2, &month) != 2)
		return false;
	if (p == end)
	{
		*part = true;
		return month >= 1 && month <= 12;
	}
	if (separator != '\0' && *p++ != separator)
		return false;
	if (take_digits(&p, end, 2, &day) != 2)
		return false;
	if (p < end)
	{
		if (*p == 'T' || *p == 't')
			p++;
		else if (*p == ' ')
		{
			while (p < end && *p == ' ')
				p++;
		}
		else if (separator != '\0')
			return false;
		if (!is_time(p, end))
			return false;
	}
	return report_make_date(year, month, day, date);
}

/*
 * The day of a field, 0 where it is empty.  A year alone is no date: what it
 * tells of remains, without one.
 */
static uint32
get_day(const ReportDocument *document, DocumentUnit unit, const char *field,
		ReportText text)
{
	DateADT		date;
	uint32		day;
	bool		part;

	if (text.len == 0)
		return 0;
	if (!parse_date(text, &date, &part))
		refuse(document, unit, field, text, ERRCODE_INVALID_DATETIME_FORMAT,
			   "is not a date", DATE_HINT);
	if (part)
		return 0;
	if (!report_set_date(date, &day))
		refuse(document, unit, field, text, ERRCODE_DATETIME_FIELD_OVERFLOW,
			   "is out of range, " REPORT_DATE_RANGE, DATE_HINT);
	return day;
}

/* A whole number, also written with zeros behind the point. */
static uint32
get_count(const ReportDocument *document, DocumentUnit unit, const char *field,
		  ReportText text)
{
	const char *p = text.data;
	const char *end = p + text.len;
	uint64		number = 0;

	if (text.len == 0)
		return 0;
	for (; p < end && document_is_digit(*p) && number <= REPORT_MAX_COUNT; p++)
		number = number * 10 + (*p - '0');
	if (number <= REPORT_MAX_COUNT)
	{
		if (p > text.data && p < end && *p == '.')
		{
			do
				p++;
			while (p < end && *p == '0');
		}
		if (p < end || !document_is_digit(text.data[0]))
			refuse(document, unit, field, text,
				   ERRCODE_INVALID_TEXT_REPRESENTATION,
				   "is not a count",
				   "Write counts as whole numbers, 0 or above, and leave empty those that are not known.");
	}
	else
		refuse(document, unit, field, text, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
			   psprintf("must lie between 0 and %d", REPORT_MAX_COUNT),
			   "Write counts as whole numbers.");
	return (uint32) number;
}

/* The year of a date, or a year alone. */
static uint32
get_year(const ReportDocument *document, DocumentUnit unit, const char *field,
		 ReportText text)
{
	const char *p = text.data;
	DateADT		date;
	bool		part;
	int			year;

	if (text.len == 0)
		return 0;
	if (!parse_date(text, &date, &part))
		refuse(document, unit, field, text, ERRCODE_INVALID_DATETIME_FORMAT,
			   "is not a year", "Write years as YYYY.");
	take_digits(&p, p + text.len, 4, &year);
	/* the years of the sentinel dates */
	if (year <= 1 || year == 1900 || year == 9999)
		return 0;
	if (year < REPORT_MIN_YEAR || year > REPORT_MAX_YEAR)
		refuse(document, unit, field, text, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
			   psprintf("must lie between %d and %d", REPORT_MIN_YEAR,
						REPORT_MAX_YEAR),
			   "Write years as YYYY.");
	return year;
}

/* Whether an amount is above 0; all that is asked of amounts. */
static bool
is_positive(ReportText text)
{
	if (text.len == 0 || text.data[0] == '-')
		return false;
	for (int i = 0; i < text.len; i++)
	{
		if (text.data[i] >= '1' && text.data[i] <= '9')
			return true;
	}
	return false;
}

/* A field that stands once; twice only if it says the same. */
static void
set_once(const ReportDocument *document, ReportText *slot, ReportText text)
{
	if (slot->len > 0 &&
		(slot->len != text.len ||
		 memcmp(slot->data, text.data, text.len) != 0))
		refuse(document, document->unit, document->field, text,
			   ERRCODE_INVALID_TEXT_REPRESENTATION,
			   "stands twice, with different values",
			   "A document holds one report, and an account each field once.");
	*slot = text;
}

static uint32
to_count(uint64 number)
{
	return (uint32) Min(number, (uint64) REPORT_MAX_COUNT);
}

/*
 * Ends of accounts and rows
 */
static void
end_account(ReportDocument *document)
{
	Report	   *report = &document->report;
	const char *const *names = document->unit == UNIT_PERSON_ACCOUNT ?
		person_fields : enterprise_fields;
	const ReportText *fields = document->fields;
	ReportAccount *account;
	uint32		closed;
	bool		any = false;

	for (int i = 0; i < NFIELDS; i++)
		any = any || fields[i].len > 0;
	if (!any)
		return;

	if (report->naccounts == document->size)
	{
		if (document->size == REPORT_MAX_ACCOUNTS)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("too many accounts for type %s", "credit_report"),
					 errdetail("A report holds at most %d accounts.",
							   REPORT_MAX_ACCOUNTS)));
		document->size = Min(Max(2 * document->size, 16), REPORT_MAX_ACCOUNTS);
		report->accounts = report->accounts == NULL ?
			palloc(document->size * sizeof(ReportAccount)) :
			repalloc_huge(report->accounts,
						  document->size * sizeof(ReportAccount));
	}
	account = &report->accounts[report->naccounts++];
	memset(account, 0, sizeof(*account));
	account->id = fields[FIELD_ID];
	report_set_business(account, fields[FIELD_BUSINESS]);
	report_set_class(account, fields[FIELD_CLASS]);
	account->day = get_day(document, document->unit, names[FIELD_OPENED],
						   fields[FIELD_OPENED]);
	closed = get_day(document, document->unit, names[FIELD_CLOSED],
					 fields[FIELD_CLOSED]);
	account->settled = fields[FIELD_STATUS].len > 0 ?
		fields[FIELD_STATUS].len == 1 && fields[FIELD_STATUS].data[0] == '2' :
		closed > 0;
	account->undrawn = account->class == CLASS_R1 &&
		fields[FIELD_AMOUNT].len > 0 && !is_positive(fields[FIELD_AMOUNT]) &&
		!document->moved;
}

static int
summary_class(ReportText class)
{
	if (class.len == 1 && class.data[0] >= '0' && class.data[0] <= '4')
		return class.data[0] - '0';
	return SUMMARY_OTHER;
}

/* A row of EB02 or EB03, what stands outside its rows, a unit ED02 or ED05. */
static void
end_row(ReportDocument *document)
{
	DocumentRow *row = &document->row;
	uint64		count;

	if (!row->any)
		return;
	switch (document->unit)
	{
		case UNIT_SUMMARY:
			if (row->class.len > 0)
			{
				SummaryCount *sum;

				/* an amount stands for one, where there is no count */
				count = row->counted ? row->most : row->amount ? 1 : 0;
				sum = &document->summary[row->segment][summary_class(row->class)];
				if (row->quality.len == 1 && row->quality.data[0] == '0')
					sum->total = Max(sum->total, count);
				else
					sum->parts += count;
			}
			else
				document->outside += row->lone;
			break;
		case UNIT_GUARANTEE_SUMMARY:
			if (row->class.len > 0 && (row->counted ? row->most > 0 : row->amount))
				document->report.guarantees = true;
			break;
		case UNIT_DISCOUNTS:
			document->discounts += row->counted ? row->sum : row->amount ? 1 : 0;
			break;
		case UNIT_GUARANTEES:
			if (row->counted ? row->sum > 0 : row->amount)
				document->report.guarantees = true;
			break;
		default:
			break;
	}
	memset(row, 0, sizeof(*row));
}

static inline bool
has_rows(DocumentUnit unit)
{
	return unit == UNIT_SUMMARY || unit == UNIT_GUARANTEE_SUMMARY;
}

static void
begin_unit(ReportDocument *document, DocumentUnit unit)
{
	document->unit = unit;
	document->unit_depth = document->depth;
	document->numbers[unit]++;
	memset(&document->row, 0, sizeof(document->row));
	memset(document->fields, 0, sizeof(document->fields));
	document->moved = false;
}

static void
end_unit(ReportDocument *document)
{
	if (document->unit == UNIT_ACCOUNT ||
		document->unit == UNIT_PERSON_ACCOUNT)
		end_account(document);
	else if (!has_rows(document->unit))
		end_row(document);
	document->unit = UNIT_NONE;
}

/*
 * A field of its unit
 */
static void
account_field(ReportDocument *document, const char *const *names,
			  ReportText text)
{
	for (int i = 0; i < NFIELDS; i++)
	{
		if (names[i] != NULL &&
			memcmp(document->field, names[i], DOCUMENT_FIELD_LEN) == 0)
		{
			set_once(document, &document->fields[i], text);
			return;
		}
	}
	/* segment B and on: a balance, or what was paid */
	if (document->field[4] != 'A' && document->field[5] == 'J' &&
		is_positive(text))
		document->moved = true;
}

static bool
is_field(const ReportDocument *document, const char *name)
{
	return memcmp(document->field, name, DOCUMENT_FIELD_LEN) == 0;
}

static void
row_field(ReportDocument *document, ReportText text)
{
	DocumentRow *row = &document->row;
	const char *field = document->field;
	int			number = (field[6] - '0') * 10 + (field[7] - '0');
	uint32		count;

	row->any = true;
	switch (field[5])
	{
		case 'D':
			if (number == 1)
			{
				set_once(document, &row->class, text);
				row->segment = field[4] == 'B' ? 1 : 0;
			}
			else if (number == 2)
				set_once(document, &row->quality, text);
			break;
		case 'S':
			count = get_count(document, document->unit, field, text);
			row->counted = true;
			row->most = Max(row->most, count);
			row->sum += count;
			if (number <= 2 && (field[4] == 'A' || field[4] == 'B'))
				row->lone += count;
			break;
		case 'J':
			if (is_positive(text))
				row->amount = true;
			break;
	}
}

static void
unit_field(ReportDocument *document, ReportText text)
{
	switch (document->unit)
	{
		case UNIT_HEADER:
			if (is_field(document, "EA01AR01"))
				set_once(document, &document->time, text);
			else if (is_field(document, "EA01CI01"))
				document->has_subject = true;
			else if (is_field(document, "EA01DS01"))
				set_once(document, &document->disputes, text);
			break;
		case UNIT_NOTICE:
			if (is_field(document, "EB01AR01"))
				set_once(document, &document->year, text);
			else if (is_field(document, "EB01AS01"))
				set_once(document, &document->institutions, text);
			break;
		case UNIT_ACCOUNT:
			account_field(document, enterprise_fields, text);
			break;
		case UNIT_PERSON_ACCOUNT:
			account_field(document, person_fields, text);
			break;
		case UNIT_SUMMARY:
		case UNIT_GUARANTEE_SUMMARY:
		case UNIT_DISCOUNTS:
		case UNIT_GUARANTEES:
			row_field(document, text);
			break;
		case UNIT_GUARANTEE:
			document->report.guarantees = true;
			break;
		case UNIT_DISPUTE:
			document->dispute_unit = true;
			break;
		case UNIT_PERSON_HEADER:
			if (is_field(document, "PA01AR01"))
				set_once(document, &document->time, text);
			else if (is_field(document, "PA01BI01") ||
					 is_field(document, "PA01CI01"))
				document->has_subject = true;
			else if (is_field(document, "PA01ES01"))
				set_once(document, &document->disputes, text);
			break;
		case UNIT_PERSON_SUMMARY:
			if (is_field(document, "PC02AS01"))
				document->person_accounts =
					Max(document->person_accounts,
						get_count(document, document->unit, document->field,
								  text));
			break;
		case UNIT_NONE:
			break;
	}
}

/*
 * Elements, as they come
 */
ReportDocument *
document_begin(void)
{
	ReportDocument *document = palloc0(sizeof(ReportDocument));

	document->unit = UNIT_NONE;
	return document;
}

void
document_open(ReportDocument *document, const char *name, int len)
{
	document->depth++;
	if (document_is_unit(name, len))
	{
		DocumentUnit unit = find_unit(name);

		if (unit == UNIT_NONE || document->unit != UNIT_NONE)
			return;
		if (document_fold(name[0]) == 'P')
			document->person = true;
		else
			document->enterprise = true;
		begin_unit(document, unit);
	}
	else if (document->unit != UNIT_NONE)
	{
		if (document->field_depth > 0)
			return;				/* a field has no elements that matter */
		if (document_is_field(name, len))
		{
			for (int i = 0; i < DOCUMENT_FIELD_LEN; i++)
				document->field[i] = document_fold(name[i]);
			document->field_depth = document->depth;
		}
		else if (has_rows(document->unit))
			end_row(document);
	}
}

void
document_text(ReportDocument *document, const char *data, int len)
{
	ReportText	text;

	if (document->field_depth == 0 ||
		document->depth != document->field_depth ||
		memcmp(document->field, unit_names[document->unit].name,
			   DOCUMENT_UNIT_LEN) != 0)
		return;
	if (!report_trim(data, len, &text))
	{
		const char *field = document->field;

		/* amounts and texts may be as long as they like */
		if (field[5] == 'J' || field[5] == 'Q')
			return;
		refuse(document, document->unit, field, text,
			   ERRCODE_PROGRAM_LIMIT_EXCEEDED,
			   psprintf("must not be longer than %d bytes", REPORT_MAX_TEXT),
			   "Look at the document: no field of a report that says something about borrowing is that long.");
	}
	if (text.len > 0)
		unit_field(document, text);
}

void
document_close(ReportDocument *document)
{
	if (document->unit != UNIT_NONE)
	{
		if (document->depth == document->unit_depth)
			end_unit(document);
		else if (document->field_depth == 0 && has_rows(document->unit))
			end_row(document);
	}
	if (document->depth == document->field_depth)
		document->field_depth = 0;
	document->depth--;
}

/* The summary's counts, where the rows are in and the totals may be. */
static void
sum_up(ReportDocument *document)
{
	Report	   *report = &document->report;
	uint64		discounts = 0;
	uint64		borrowings = document->outside + document->person_accounts;

	for (int i = 0; i < NSEGMENTS; i++)
	{
		uint64		all = 0;

		for (int class = 1; class < NCLASSES; class++)
		{
			const SummaryCount *sum = &document->summary[i][class];
			uint64		count = Max(sum->parts, sum->total);

			if (class == SUMMARY_DISCOUNT)
				discounts += count;
			else
				borrowings += count;
			all += count;
		}
		/* more in the total than in the classes: not said of which class */
		if (document->summary[i][SUMMARY_TOTAL].parts > all ||
			document->summary[i][SUMMARY_TOTAL].total > all)
			borrowings += Max(document->summary[i][SUMMARY_TOTAL].parts,
							  document->summary[i][SUMMARY_TOTAL].total) - all;
	}

	/*
	 * ED02 and the summary tell of the same discounts.  Those that are
	 * accounts of their own are in the summary too.
	 */
	for (uint32 i = 0; i < report->naccounts && discounts > 0; i++)
	{
		if (report->accounts[i].business == 21 ||
			report->accounts[i].class == CLASS_D2)
			discounts--;
	}
	report->undated_discounts = to_count(Max(discounts, document->discounts));
	report->summary_borrowings = to_count(borrowings);
}

/* The value; an error where the document does not say whose it is, or of when. */
struct varlena *
document_finish(ReportDocument *document)
{
	Report	   *report = &document->report;
	DocumentUnit header = UNIT_HEADER;

	if (document->person && document->enterprise)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("credit report document is of an enterprise and of a person"),
				 errdetail("It has units of both reports, such as EA01 and PA01."),
				 errhint("A document holds one report.")));
	report->person = document->person;
	if (report->person)
		header = UNIT_PERSON_HEADER;

	if (document->time.len == 0)
		refuse_missing(document, header,
					   report->person ? "PA01AR01" : "EA01AR01", "report time",
					   "A report says nothing about what came after it, so its time must be known.");
	report->report_day = get_day(document, header,
								 report->person ? "PA01AR01" : "EA01AR01",
								 document->time);
	if (report->report_day == 0)
		refuse(document, header, report->person ? "PA01AR01" : "EA01AR01",
			   document->time, ERRCODE_INVALID_DATETIME_FORMAT,
			   "is not the day of a report", DATE_HINT);
	if (!document->has_subject)
		refuse_missing(document, header,
					   report->person ? "PA01BI01" : "EA01CI01", "subject",
					   "A report without the identifier of its subject is nobody's.");

	if (document->disputes.len > 0)
		report->disputed = get_count(document, header,
									 report->person ? "PA01ES01" : "EA01DS01",
									 document->disputes) > 0;
	else
		report->disputed = document->dispute_unit;
	report->first_year = get_year(document, UNIT_NOTICE, "EB01AR01",
								  document->year);
	report->institutions = get_count(document, UNIT_NOTICE, "EB01AS01",
									 document->institutions);
	sum_up(document);
	report_join_accounts(report);
	return report_pack(report, NULL);
}
