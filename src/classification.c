/*
 * classification.c
 *		Classes of loans and borrowers: loan_class, enterprise_scale, ownership,
 *		borrower_kind.
 */
#include "postgres.h"

#include "catalog/pg_enum.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"

#include "code_list.h"
#include "loan_security.h"
#include "uscc.h"

/*
 * Enum values are OIDs that only the catalog knows.  A call site looks its
 * labels up once; which enum it is, the function's declared result type says.
 */
static void
lookup_labels(FunctionCallInfo fcinfo, const char *const *labels, int n, Oid *oids)
{
	Oid			enumtype = get_func_rettype(fcinfo->flinfo->fn_oid);

	for (int i = 0; i < n; i++)
	{
		oids[i] = GetSysCacheOid2(ENUMTYPOIDNAME, Anum_pg_enum_oid,
								  ObjectIdGetDatum(enumtype),
								  CStringGetDatum(labels[i]));
		if (!OidIsValid(oids[i]))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("enum %s has no value \"%s\"",
							format_type_be(enumtype), labels[i]),
					 errhint("The values of this type must not be renamed.")));
	}
}

/* The cached value for labels[i], where nothing but labels is to be kept. */
static Datum
label_datum(FunctionCallInfo fcinfo, const char *const *labels, int n, int i)
{
	if (fcinfo->flinfo->fn_extra == NULL)
	{
		Oid		   *oids = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, n * sizeof(Oid));

		lookup_labels(fcinfo, labels, n, oids);
		fcinfo->flinfo->fn_extra = oids;
	}
	return ObjectIdGetDatum(((Oid *) fcinfo->flinfo->fn_extra)[i]);
}

/* ---- loan_class ---- */

enum
{
	CLASS_PURE_CREDIT,
	CLASS_SECURED,
	CLASS_DISCOUNT,
	CLASS_UNCLASSIFIED
};

static const char *const class_labels[] = {
	"pure_credit", "secured", "discount", "unclassified"
};

static const CodeEntry instruments[] = {
	{"loan", false},
	{"discount", true},
	{"贷款", false},
	{"贴现", true},
	{"票据贴现", true}
};
static const CodeList instrument_list = CODE_LIST("instrument", instruments);

/*
 * Class of a borrowing.  A discounted bill carries no security field, so it is
 * its own class whatever is said of it.  NULL, '' and '--' as instrument and an
 * unknown or NULL security are "unclassified", never NULL: the classes add up to
 * the total.  An instrument that is not known is 22023.
 */
PG_FUNCTION_INFO_V1(loan_class);
Datum
loan_class(PG_FUNCTION_ARGS)
{
	int			class = CLASS_UNCLASSIFIED;

	if (!PG_ARGISNULL(0))
	{
		text	   *instrument = PG_GETARG_TEXT_PP(0);
		Span		word = span_utf8_text(instrument);
		const CodeEntry *entry = find_code(&instrument_list, word);

		if (entry == NULL && !span_is_missing(word))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown instrument \"%s\"", text_to_cstring(instrument)),
					 errhint("An instrument is \"loan\" or \"discount\"%s.",
							 zh_or(" (贷款, 贴现, 票据贴现)", ""))));

		if (entry && entry->value)
			class = CLASS_DISCOUNT;
		else if (entry && !PG_ARGISNULL(1))
		{
			LoanSecurity security = PG_GETARG_LOAN_SECURITY(1);

			if (security == SECURITY_NONE)
				class = CLASS_PURE_CREDIT;
			else if (SECURITY_IS_KNOWN(security))
				class = CLASS_SECURED;
		}
	}

	return label_datum(fcinfo, class_labels, lengthof(class_labels), class);
}

/* ---- borrower_kind ---- */

enum
{
	KIND_ENTERPRISE,
	KIND_SOLE_PROPRIETOR,
	KIND_MICRO_OWNER,
	KIND_OTHER
};

static const char *const kind_labels[] = {
	"enterprise", "sole_proprietor", "micro_owner", "other"
};

/* Characters 1-2 of GB 32100-2015: registering authority and kind. */
static int
kind_of_uscc(const Uscc *code)
{
	char		s[USCC_LENGTH];

	uscc_unpack(code->bytes, s);
	if (s[0] == '9' && s[1] == '1')
		return KIND_ENTERPRISE;
	if (s[0] == '9' && s[1] == '2')
		return KIND_SOLE_PROPRIETOR;
	return KIND_OTHER;
}

/*
 * What kind of borrower a code belongs to.  A farmers' cooperative (93) and
 * whatever is not registered as a business is "other"; owners of micro
 * enterprises have no code, so "micro_owner" is never the answer.
 */
PG_FUNCTION_INFO_V1(borrower_kind_uscc);
Datum
borrower_kind_uscc(PG_FUNCTION_ARGS)
{
	return label_datum(fcinfo, kind_labels, lengthof(kind_labels),
					   kind_of_uscc(PG_GETARG_USCC(0)));
}

/*
 * borrower_kind(unknown), and likewise for the string types.
 *
 * PostgreSQL reads typename(x) as a cast where x is a literal, or a string that
 * could be cast by I/O, unless a function takes exactly that type.  Without
 * these, borrower_kind('9135...') would fail as a bad label of the enum of the
 * same name.  As it could be meant as that cast, labels are taken, too.
 */
static Datum
borrower_kind_of(FunctionCallInfo fcinfo, const char *s, int len)
{
	Span		word = span_utf8(s, len);
	int			kind = 0;

	while (kind < lengthof(kind_labels) && !span_equals_fold(word, kind_labels[kind]))
		kind++;
	if (kind == lengthof(kind_labels))
		kind = kind_of_uscc(uscc_from(s, len, NULL));
	return label_datum(fcinfo, kind_labels, lengthof(kind_labels), kind);
}

PG_FUNCTION_INFO_V1(borrower_kind_unknown);
Datum
borrower_kind_unknown(PG_FUNCTION_ARGS)
{
	char	   *s = PG_GETARG_CSTRING(0);

	return borrower_kind_of(fcinfo, s, strlen(s));
}

PG_FUNCTION_INFO_V1(borrower_kind_text);
Datum
borrower_kind_text(PG_FUNCTION_ARGS)
{
	text	   *s = PG_GETARG_TEXT_PP(0);

	return borrower_kind_of(fcinfo, VARDATA_ANY(s), VARSIZE_ANY_EXHDR(s));
}

/* ---- enterprise_scale ---- */

/* In the order of the enum, so that the smallest class is the largest number. */
enum
{
	SCALE_LARGE,
	SCALE_MEDIUM,
	SCALE_SMALL,
	SCALE_MICRO
};

#define NO_SCALE	(-1)

static const char *const scale_labels[] = {
	"large", "medium", "small", "micro"
};

/* 企业规模 in loan files and credit reports */
static const CodeEntry scale_codes[] = {
	{"CS01", SCALE_LARGE},
	{"CS02", SCALE_MEDIUM},
	{"CS03", SCALE_SMALL},
	{"CS04", SCALE_MICRO},
	{"CS05", NO_SCALE},
	{"大型", SCALE_LARGE},
	{"中型", SCALE_MEDIUM},
	{"小型", SCALE_SMALL},
	{"微型", SCALE_MICRO},
	{"其他", NO_SCALE},
	{"large", SCALE_LARGE},
	{"medium", SCALE_MEDIUM},
	{"small", SCALE_SMALL},
	{"micro", SCALE_MICRO}
};
static const CodeList scale_list = CODE_LIST("enterprise_scale", scale_codes);

/* Sections of GB/T 4754-2017 and their divisions. */
static const struct
{
	char		letter;
	int			first;
	int			last;
}			sections[] = {
	{'A', 1, 5}, {'B', 6, 12}, {'C', 13, 43}, {'D', 44, 46}, {'E', 47, 50},
	{'F', 51, 52}, {'G', 53, 60}, {'H', 61, 62}, {'I', 63, 65}, {'J', 66, 69},
	{'K', 70, 70}, {'L', 71, 72}, {'M', 73, 75}, {'N', 76, 79}, {'O', 80, 82},
	{'P', 83, 83}, {'Q', 84, 85}, {'R', 86, 90}, {'S', 91, 96}, {'T', 97, 97}
};

/*
 * 统计上大中小微型企业划分办法 (2017): per group of industries the lower bounds of
 * large, medium and small.  0 where the group does not use the indicator.
 */
enum
{
	PERSONS,					/* X */
	REVENUE,					/* Y, 10,000 CNY */
	ASSETS,						/* Z, 10,000 CNY */
	NINDICATORS
};

typedef struct ScaleGroup
{
	int			bound[SCALE_MICRO][NINDICATORS];
} ScaleGroup;

enum
{
	AGRICULTURE, INDUSTRY, CONSTRUCTION, WHOLESALE, RETAIL, TRANSPORT, STORAGE,
	POST, CATERING, INFORMATION, SOFTWARE, REAL_ESTATE, PROPERTY, LEASING, OTHER
};

static const ScaleGroup scale_groups[] = {
	[AGRICULTURE] = {{{0, 20000, 0}, {0, 500, 0}, {0, 50, 0}}},
	[INDUSTRY] = {{{1000, 40000, 0}, {300, 2000, 0}, {20, 300, 0}}},
	[CONSTRUCTION] = {{{0, 80000, 80000}, {0, 6000, 5000}, {0, 300, 300}}},
	[WHOLESALE] = {{{200, 40000, 0}, {20, 5000, 0}, {5, 1000, 0}}},
	[RETAIL] = {{{300, 20000, 0}, {50, 500, 0}, {10, 100, 0}}},
	[TRANSPORT] = {{{1000, 30000, 0}, {300, 3000, 0}, {20, 200, 0}}},
	[STORAGE] = {{{200, 30000, 0}, {100, 1000, 0}, {20, 100, 0}}},
	[POST] = {{{1000, 30000, 0}, {300, 2000, 0}, {20, 100, 0}}},
	[CATERING] = {{{300, 10000, 0}, {100, 2000, 0}, {10, 100, 0}}},
	[INFORMATION] = {{{2000, 100000, 0}, {100, 1000, 0}, {10, 100, 0}}},
	[SOFTWARE] = {{{300, 10000, 0}, {100, 1000, 0}, {10, 50, 0}}},
	[REAL_ESTATE] = {{{0, 200000, 10000}, {0, 1000, 5000}, {0, 100, 2000}}},
	[PROPERTY] = {{{1000, 5000, 0}, {300, 1000, 0}, {100, 500, 0}}},
	[LEASING] = {{{300, 0, 120000}, {100, 0, 8000}, {10, 0, 100}}},
	[OTHER] = {{{300, 0, 0}, {100, 0, 0}, {10, 0, 0}}}
};

/*
 * Which group a 3-digit code belongs to.  Not there: 53, 66-69 (finance has its
 * own rules), 704, 83, 84, 91 and up; and 700, which is no code but the division
 * 70 padded, of which it is not known what it is.
 */
static const struct
{
	int			first;
	int			last;
	int			group;
}			industries[] = {
	{10, 59, AGRICULTURE},
	{60, 469, INDUSTRY},
	{470, 509, CONSTRUCTION},
	{510, 519, WHOLESALE},
	{520, 529, RETAIL},
	{540, 589, TRANSPORT},
	{590, 599, STORAGE},
	{600, 609, POST},
	{610, 629, CATERING},
	{630, 649, INFORMATION},
	{650, 659, SOFTWARE},
	{701, 701, REAL_ESTATE},
	{702, 702, PROPERTY},
	{703, 703, OTHER},
	{705, 709, OTHER},
	{710, 729, LEASING},
	{730, 829, OTHER},
	{850, 909, OTHER}
};

typedef struct ScaleCache
{
	Oid			label[lengthof(scale_labels)];
	Datum		zero;			/* numerics, made once */
	Datum		bound[lengthof(scale_groups)][SCALE_MICRO][NINDICATORS];
} ScaleCache;

static ScaleCache *
scale_cache(FunctionCallInfo fcinfo)
{
	ScaleCache *cache = (ScaleCache *) fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		MemoryContext oldcxt = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		cache = (ScaleCache *) palloc(sizeof(ScaleCache));
		lookup_labels(fcinfo, scale_labels, lengthof(scale_labels), cache->label);
		cache->zero = DirectFunctionCall1(int4_numeric, Int32GetDatum(0));
		for (int g = 0; g < lengthof(scale_groups); g++)
			for (int s = SCALE_LARGE; s < SCALE_MICRO; s++)
				for (int i = REVENUE; i <= ASSETS; i++)
					cache->bound[g][s][i] =
						DirectFunctionCall1(int4_numeric,
											Int32GetDatum(scale_groups[g].bound[s][i]));
		MemoryContextSwitchTo(oldcxt);
		fcinfo->flinfo->fn_extra = cache;
	}
	return cache;
}

/*
 * Group of an industry code, or -1 where it has none or the code is too short to
 * tell.  What is no code is "malformed", perhaps with a detail.
 */
static int
industry_group(Span code, bool *malformed, const char **detail)
{
	const char *p = code.s;
	const char *end = p + code.len;
	char		letter = 0;
	int			ndigits;
	int			first;			/* the 3-digit codes that are meant */
	int			last;

	*malformed = true;
	*detail = NULL;
	if (p < end && ascii_upper(*p) >= 'A' && ascii_upper(*p) <= 'Z')
		letter = ascii_upper(*p++);

	ndigits = end - p;
	for (int i = 0; i < ndigits; i++)
	{
		if (!ascii_digit(p[i]))
			return -1;
	}

	if (ndigits >= 2 && ndigits <= 4)
	{
		int			division = (p[0] - '0') * 10 + (p[1] - '0');

		if (letter)
		{
			int			i = 0;

			while (i < lengthof(sections) &&
				   (division < sections[i].first || division > sections[i].last))
				i++;
			if (i == lengthof(sections))
				*detail = psprintf("No section has a division %02d.", division);
			else if (sections[i].letter != letter)
				*detail = psprintf("Division %02d belongs to section %c, not %c.",
								   division, sections[i].letter, letter);
			if (*detail)
				return -1;
		}
		first = division * 10 + (ndigits > 2 ? p[2] - '0' : 0);
		last = ndigits > 2 ? first : first + 9;
	}
	else if (letter && ndigits == 0)
	{
		int			i = 0;

		*malformed = false;
		while (i < lengthof(sections) && sections[i].letter != letter)
			i++;
		if (i == lengthof(sections))
			return -1;
		first = sections[i].first * 10;
		last = sections[i].last * 10 + 9;
	}
	else
		return -1;

	*malformed = false;
	for (int i = 0; i < lengthof(industries); i++)
	{
		if (first >= industries[i].first && first <= industries[i].last)
			return last <= industries[i].last ? industries[i].group : -1;
	}
	return -1;
}

static void
bad_indicator(const char *name, const char *value)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s out of range: %s", name, value),
			 errdetail("An indicator of scale cannot be negative or NaN."),
			 errhint("Give NULL where it is not known.")));
}

/*
 * enterprise_scale(industry, persons, revenue, assets): the 2017 classification;
 * revenue and assets in 10,000 CNY, bounds inclusive.  A class calls for all its
 * bounds, else one class down, so the result is the smallest class that any
 * indicator allows.  An indicator that the group needs and that is NULL leaves
 * it undecided, even where the others say micro; the rest are not looked at.
 * NULL, too, for an industry that is missing, outside the classification or
 * given too coarsely.  Malformed industry: 22023; negative indicator: 22003.
 */
PG_FUNCTION_INFO_V1(enterprise_scale_computed);
Datum
enterprise_scale_computed(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"persons", "revenue", "assets"};
	ScaleCache *cache = scale_cache(fcinfo);
	int			scale = SCALE_LARGE;
	bool		undecided = false;
	text	   *industry;
	Span		code;
	int			group;
	bool		malformed;
	const char *detail;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	industry = PG_GETARG_TEXT_PP(0);
	code = span_utf8_text(industry);
	if (span_is_missing(code))
		PG_RETURN_NULL();
	group = industry_group(code, &malformed, &detail);
	if (malformed)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid industry code \"%s\"", text_to_cstring(industry)),
				 detail ? errdetail_internal("%s", detail) : 0,
				 errhint("Write a code of GB/T 4754: a section letter, or 2 to 4 digits with or without it, such as C1711, 1711, 17 or C.")));
	if (group < 0)
		PG_RETURN_NULL();

	for (int i = 0; i < NINDICATORS; i++)
	{
		int			s = SCALE_LARGE;

		if (scale_groups[group].bound[SCALE_LARGE][i] == 0)
			continue;
		if (PG_ARGISNULL(i + 1))
		{
			undecided = true;
			continue;
		}

		if (i == PERSONS)
		{
			int32		persons = PG_GETARG_INT32(1);

			if (persons < 0)
				bad_indicator(names[i], psprintf("%d", persons));
			while (s < SCALE_MICRO && persons < scale_groups[group].bound[s][i])
				s++;
		}
		else
		{
			Datum		amount = NumericGetDatum(PG_GETARG_NUMERIC(i + 1));

			if (numeric_is_nan(DatumGetNumeric(amount)) ||
				DatumGetBool(DirectFunctionCall2(numeric_lt, amount, cache->zero)))
				bad_indicator(names[i],
							  DatumGetCString(DirectFunctionCall1(numeric_out, amount)));
			while (s < SCALE_MICRO &&
				   DatumGetBool(DirectFunctionCall2(numeric_lt, amount,
													cache->bound[group][s][i])))
				s++;
		}
		scale = Max(scale, s);
	}

	if (undecided)
		PG_RETURN_NULL();
	PG_RETURN_OID(cache->label[scale]);
}

/*
 * enterprise_scale(code): CS01 to CS04, 大型 to 微型, or a label of the enum.  Any
 * other code is NULL.  For the argument types see borrower_kind_of().
 */
static Datum
scale_of_code(FunctionCallInfo fcinfo, const char *s, int len)
{
	const CodeEntry *entry = find_code(&scale_list, span_utf8(s, len));

	if (entry == NULL || entry->value == NO_SCALE)
		PG_RETURN_NULL();
	return label_datum(fcinfo, scale_labels, lengthof(scale_labels), entry->value);
}

PG_FUNCTION_INFO_V1(enterprise_scale_unknown);
Datum
enterprise_scale_unknown(PG_FUNCTION_ARGS)
{
	char	   *s = PG_GETARG_CSTRING(0);

	return scale_of_code(fcinfo, s, strlen(s));
}

PG_FUNCTION_INFO_V1(enterprise_scale_text);
Datum
enterprise_scale_text(PG_FUNCTION_ARGS)
{
	text	   *s = PG_GETARG_TEXT_PP(0);

	return scale_of_code(fcinfo, VARDATA_ANY(s), VARSIZE_ANY_EXHDR(s));
}

/* ---- ownership ---- */

enum
{
	OWNED_STATE,
	OWNED_COLLECTIVE,
	OWNED_PRIVATE,
	OWNED_HMT,
	OWNED_FOREIGN
};

static const char *const ownership_labels[] = {
	"state", "collective", "private", "hmt", "foreign"
};

/*
 * 经济成分 by its first three characters; two more digits (A0101, or B0100 as
 * padding) tell apart what is one class here.
 */
static const CodeEntry ownership_pboc_basic[] = {
	{"A01", OWNED_STATE},
	{"A02", OWNED_COLLECTIVE},
	{"B01", OWNED_PRIVATE},
	{"B02", OWNED_HMT},
	{"B03", OWNED_FOREIGN}
};

/* Another list in use; D and E are extrapolated, not confirmed. */
static const CodeEntry ownership_pboc_variant[] = {
	{"A01", OWNED_STATE},
	{"A02", OWNED_STATE},
	{"B01", OWNED_COLLECTIVE},
	{"B02", OWNED_COLLECTIVE},
	{"C01", OWNED_PRIVATE},
	{"C02", OWNED_PRIVATE},
	{"D01", OWNED_HMT},
	{"D02", OWNED_HMT},
	{"E01", OWNED_FOREIGN},
	{"E02", OWNED_FOREIGN}
};

static const CodeList ownership_lists[] = {
	CODE_LIST("pboc_basic", ownership_pboc_basic),
	CODE_LIST("pboc_variant", ownership_pboc_variant)
};

typedef struct OwnershipCache
{
	CodeListCache list;
	Oid			label[lengthof(ownership_labels)];
} OwnershipCache;

static OwnershipCache *
ownership_cache(FunctionCallInfo fcinfo)
{
	OwnershipCache *cache = (OwnershipCache *) fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(OwnershipCache));
		lookup_labels(fcinfo, ownership_labels, lengthof(ownership_labels), cache->label);
		fcinfo->flinfo->fn_extra = cache;
	}
	return cache;
}

static bool
read_ownership(Span word, int *value)
{
	for (int i = 0; i < lengthof(ownership_labels); i++)
	{
		if (span_equals_fold(word, ownership_labels[i]))
		{
			*value = i;
			return true;
		}
	}
	return false;
}

/*
 * Ownership behind a code of a built-in list; NULL for a code not in it.  An
 * unknown list is 22023.
 */
PG_FUNCTION_INFO_V1(ownership_from_code);
Datum
ownership_from_code(PG_FUNCTION_ARGS)
{
	OwnershipCache *cache = ownership_cache(fcinfo);
	text	   *arg = PG_GETARG_TEXT_PP(0);
	Span		code = span_utf8_text(arg);
	const CodeList *list = named_code_list(&cache->list, ownership_lists,
										   lengthof(ownership_lists),
										   PG_GETARG_TEXT_PP(1));
	const CodeEntry *entry;

	if (code.len < 3 || code.len > 5)
		PG_RETURN_NULL();
	for (int i = 3; i < code.len; i++)
	{
		if (!ascii_digit(code.s[i]))
			PG_RETURN_NULL();
	}
	code.len = 3;
	entry = find_code(list, code);
	if (entry == NULL)
		PG_RETURN_NULL();
	PG_RETURN_OID(cache->label[entry->value]);
}

/*
 * The same for a list of the user's own, {"code": "private", ...}; codes match
 * whole, not by what they begin with.
 */
PG_FUNCTION_INFO_V1(ownership_from_json);
Datum
ownership_from_json(PG_FUNCTION_ARGS)
{
	OwnershipCache *cache = ownership_cache(fcinfo);
	text	   *code = PG_GETARG_TEXT_PP(0);
	const CodeList *list = json_code_list(&cache->list, fcinfo->flinfo->fn_mcxt,
										  PG_GETARG_JSONB_P(1), read_ownership,
										  "\"state\", \"collective\", \"private\", \"hmt\", \"foreign\"");
	const CodeEntry *entry = find_code(list, span_utf8_text(code));

	if (entry == NULL)
		PG_RETURN_NULL();
	PG_RETURN_OID(cache->label[entry->value]);
}

/* ---- what cannot be read ---- */

static bool
is_label(Span word, const char *const *labels, int n)
{
	for (int i = 0; i < n; i++)
	{
		if (span_equals(word, labels[i]))
			return true;
	}
	return false;
}

/*
 * What the register's index can hold: it has these texts, two numbers and words
 * of ours in a third of a page.  A name of an institution has 200 bytes at most.
 */
#define MAX_TEXT	500
#define MAX_NUMBER	200

/*
 * monitor_unread(instrument, kind, scale, ownership, industry, institution,
 * area, amount, rate): which of these say something that is not understood, or
 * too long to be kept, in words; NULL if none does.  What is missing is not
 * told.  Kind and ownership are labels of their enums.  No errors: one row with a
 * bad code must not stop a monitor.
 */
PG_FUNCTION_INFO_V1(monitor_unread);
Datum
monitor_unread(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"instrument", "kind", "scale", "ownership", "industry", "institution", "area",
		"amount", "rate"
	};
	StringInfoData told;

	told.data = NULL;
	for (int i = 0; i < lengthof(names); i++)
	{
		bool		is_number = i >= 7;
		struct varlena *value;
		int			size;
		bool		bad;
		const char *detail = NULL;

		if (PG_ARGISNULL(i))
			continue;
		value = PG_GETARG_VARLENA_PP(i);
		size = VARSIZE_ANY_EXHDR(value);
		if (is_number)
			bad = size > MAX_NUMBER;
		else
		{
			Span		word = span_utf8_text(value);

			if (span_is_missing(word))
				continue;
			switch (i)
			{
				case 0:
					bad = find_code(&instrument_list, word) == NULL;
					break;
				case 1:
					bad = !is_label(word, kind_labels, lengthof(kind_labels));
					break;
				case 2:
					bad = find_code(&scale_list, word) == NULL;
					break;
				case 3:
					bad = !is_label(word, ownership_labels, lengthof(ownership_labels));
					break;
				case 4:
					(void) industry_group(word, &bad, &detail);
					break;
				default:
					bad = size > MAX_TEXT;
			}
		}
		if (!bad)
			continue;
		if (told.data == NULL)
			initStringInfo(&told);
		appendStringInfo(&told, "%s%s ", told.len > 0 ? "; " : "", names[i]);
		if (is_number)
			appendStringInfoString(&told, "of too many digits");
		else if (size > MAX_TEXT)
			appendStringInfo(&told, "of %d bytes \"%s...\"", size,
							 pnstrdup(VARDATA_ANY(value), pg_mbcliplen(VARDATA_ANY(value), size, 60)));
		else
			appendStringInfo(&told, "\"%s\"", text_to_cstring(value));
	}
	if (told.data == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(told.data, told.len));
}
