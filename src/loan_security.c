/*
 * loan_security.c
 *		The type loan_security: the set of kinds of security behind a loan.
 *
 * The action plan counts as pure credit only what has no mortgage, no pledge
 * and no guarantee.  What is not understood is "unknown", never "none".
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "common/hashfn.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "nodes/nodes.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"

#include "code_list.h"
#include "loan_security.h"

#define SECURITY_VALUES \
	"\"none\", or \"mortgage\", \"pledge\", \"guarantee\", \"combined\", \"unknown\" joined by \"+\""

/* The kinds in the order of their bits, as the output function writes them. */
static const char *const kind_names[] = {
	"mortgage", "pledge", "guarantee", "combined", "unknown"
};

/*
 * Words of the text form and of the Chinese files.  Where several match, the
 * longest counts.
 */
static const CodeEntry words[] = {
	{"none", SECURITY_NONE},
	{"mortgage", SECURITY_MORTGAGE},
	{"pledge", SECURITY_PLEDGE},
	{"guarantee", SECURITY_GUARANTEE},
	{"combined", SECURITY_COMBINED},
	{"unknown", SECURITY_UNKNOWN},
	{"信用", SECURITY_NONE},
	{"纯信用", SECURITY_NONE},
	{"免担保", SECURITY_NONE},
	{"无担保", SECURITY_NONE},
	{"抵押", SECURITY_MORTGAGE},
	{"质押", SECURITY_PLEDGE},
	{"保证", SECURITY_GUARANTEE},
	{"联保", SECURITY_GUARANTEE},
	{"农户联保", SECURITY_GUARANTEE},
	{"担保公司", SECURITY_GUARANTEE},
	{"政府性融资担保", SECURITY_GUARANTEE},
	{"组合", SECURITY_COMBINED},
	{"组合(含保证)", SECURITY_COMBINED | SECURITY_GUARANTEE},
	{"组合(不含保证)", SECURITY_COMBINED},
	{"组合（含保证）", SECURITY_COMBINED | SECURITY_GUARANTEE},
	{"组合（不含保证）", SECURITY_COMBINED},
	{"混合", SECURITY_COMBINED},
	/* some institutions treat it as a guarantee, some do not */
	{"保证保险", SECURITY_UNKNOWN},
	{"其他", SECURITY_UNKNOWN},
	{"其它", SECURITY_UNKNOWN}
};

/* What may stand between two words. */
static const char *const separators[] = {
	"+", " ", "/", ",", ";", "&", "|", "\t", "\n", "\r",
	"、", "，", "；", "／", "＋", "　", "和", "及", "与"
};

/*
 * The code lists of loan files and credit reports in use.  A combination is
 * "combined": two or more, not said which.  其他 is unknown.
 */

/* 金融基础数据 */
static const CodeEntry pboc_basic[] = {
	{"A", SECURITY_PLEDGE},
	{"B", SECURITY_MORTGAGE},
	{"B01", SECURITY_MORTGAGE},
	{"B99", SECURITY_MORTGAGE},
	{"C", SECURITY_GUARANTEE},
	{"C01", SECURITY_GUARANTEE},
	{"C99", SECURITY_GUARANTEE},
	{"D", SECURITY_NONE},
	{"E", SECURITY_COMBINED},
	{"E01", SECURITY_MORTGAGE | SECURITY_COMBINED},
	{"Z", SECURITY_UNKNOWN}
};

/* second-generation credit report of enterprises, ED01AD08 */
static const CodeEntry credit_enterprise[] = {
	{"0", SECURITY_NONE},
	{"1", SECURITY_GUARANTEE},
	{"2", SECURITY_PLEDGE},
	{"3", SECURITY_MORTGAGE},
	{"4", SECURITY_COMBINED},
	{"9", SECURITY_UNKNOWN}
};

/* second-generation credit report of persons */
static const CodeEntry credit_personal[] = {
	{"1", SECURITY_PLEDGE},
	{"2", SECURITY_MORTGAGE},
	{"3", SECURITY_GUARANTEE},
	{"4", SECURITY_NONE},
	{"5", SECURITY_GUARANTEE | SECURITY_COMBINED},
	{"6", SECURITY_COMBINED},
	{"7", SECURITY_GUARANTEE},
	{"9", SECURITY_UNKNOWN}
};

/* first-generation credit report of persons */
static const CodeEntry credit_personal_v1[] = {
	{"1", SECURITY_PLEDGE},
	{"2", SECURITY_MORTGAGE},
	{"3", SECURITY_GUARANTEE},
	{"4", SECURITY_NONE},
	{"5", SECURITY_GUARANTEE | SECURITY_COMBINED},
	{"6", SECURITY_COMBINED},
	{"7", SECURITY_GUARANTEE},
	{"8", SECURITY_UNKNOWN},
	{"9", SECURITY_UNKNOWN}
};

/* 一表通 6.27; 00 其他 includes combinations */
static const CodeEntry yibiaotong[] = {
	{"00", SECURITY_UNKNOWN},
	{"01", SECURITY_PLEDGE},
	{"02", SECURITY_MORTGAGE},
	{"03", SECURITY_GUARANTEE},
	{"04", SECURITY_NONE}
};

/*
 * 其他还款保证方式, ED01AD09: an empty field says that there is none.  A deposit
 * (保证金) is a pledge, a third party's promise to pay (第三方付款承诺) a
 * guarantee.
 */
static const CodeEntry other_assurance[] = {
	{"", SECURITY_NONE},
	{"--", SECURITY_NONE},
	{"0", SECURITY_NONE},
	{"1", SECURITY_PLEDGE},
	{"2", SECURITY_GUARANTEE},
	{"9", SECURITY_UNKNOWN}
};

static const CodeList code_lists[] = {
	CODE_LIST("pboc_basic", pboc_basic),
	CODE_LIST("credit_enterprise", credit_enterprise),
	CODE_LIST("credit_personal", credit_personal),
	CODE_LIST("credit_personal_v1", credit_personal_v1),
	CODE_LIST("yibiaotong", yibiaotong),
	CODE_LIST("other_assurance", other_assurance),
	CODE_LIST("text", words)
};

/* Length of the separator at p, or 0. */
static int
separator_length(const char *p, const char *end)
{
	Span		rest = {p, end - p};

	for (int i = 0; i < lengthof(separators); i++)
	{
		int			len = strlen(separators[i]);

		if (span_begins_fold(rest, separators[i], len))
			return len;
	}
	return 0;
}

/*
 * Length of the longest word at p, or 0.  An English word must end where its
 * letters end: "guaranteed" is none of them.
 */
static int
word_length(const char *p, const char *end, LoanSecurity *kinds)
{
	Span		rest = {p, end - p};
	int			longest = 0;

	for (int i = 0; i < lengthof(words); i++)
	{
		int			len = strlen(words[i].code);

		if (len <= longest || !span_begins_fold(rest, words[i].code, len))
			continue;
		if (!IS_HIGHBIT_SET(*p) && len < rest.len &&
			ascii_upper(p[len]) >= 'A' && ascii_upper(p[len]) <= 'Z')
			continue;
		longest = len;
		*kinds = words[i].value;
	}
	return longest;
}

/*
 * Read words, with or without separators between them.  On failure *bad is the
 * place that is not understood: the end of the text where a word is missing.
 */
static bool
read_words(Span span, LoanSecurity *result, const char **bad)
{
	const char *p = span.s;
	const char *end = p + span.len;
	LoanSecurity set = SECURITY_NONE;

	for (;;)
	{
		LoanSecurity kinds;
		int			len = word_length(p, end, &kinds);

		if (len == 0)
		{
			*bad = p;
			return false;
		}
		set |= kinds;
		p += len;
		if (p == end)
		{
			*result = set;
			return true;
		}
		while (p < end && (len = separator_length(p, end)) > 0)
			p += len;
	}
}

static bool
read_value(Span span, int *value)
{
	LoanSecurity set;
	const char *bad;

	if (!read_words(span, &set, &bad))
		return false;
	*value = set;
	return true;
}

/*
 * Input: English or Chinese words, alone or joined.  "none" beside a kind adds
 * nothing to it.  A word that is not known is 22P02 with the word and its place.
 */
PG_FUNCTION_INFO_V1(loan_security_in);
Datum
loan_security_in(PG_FUNCTION_ARGS)
{
	char	   *str = PG_GETARG_CSTRING(0);
	Span		span = span_utf8(str, strlen(str));
	const char *end = span.s + span.len;
	LoanSecurity result;
	const char *bad;

	if (!read_words(span, &result, &bad))
	{
		const char *p = bad;

		while (p < end && separator_length(p, end) == 0)
			p += utf8_length(p, end);

		ereturn(fl_escontext(fcinfo), (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						"loan_security", str),
				 span.len == 0 ?
				 errdetail("It names no kind of security.") :
				 p == bad ?
				 errdetail("A kind of security is missing at character %d.",
						   utf8_place(span.s, bad)) :
				 errdetail("\"%s\" at character %d is not a known kind of security.",
						   span_server(bad, p - bad), utf8_place(span.s, bad)),
				 errhint("Write %s.%s", SECURITY_VALUES,
						 zh_or(" 信用, 抵押, 质押, 保证, 组合, 其他 are understood, too.", ""))));
	}
	PG_RETURN_LOAN_SECURITY(result);
}

PG_FUNCTION_INFO_V1(loan_security_out);
Datum
loan_security_out(PG_FUNCTION_ARGS)
{
	LoanSecurity set = PG_GETARG_LOAN_SECURITY(0);
	StringInfoData buf;

	if (set == SECURITY_NONE)
		PG_RETURN_CSTRING(pstrdup("none"));

	initStringInfo(&buf);
	for (int i = 0; i < lengthof(kind_names); i++)
	{
		if (set & (1 << i))
			appendStringInfo(&buf, "%s%s", buf.len ? "+" : "", kind_names[i]);
	}
	PG_RETURN_CSTRING(buf.data);
}

/* Binary input: the bits; bits without a meaning are refused. */
PG_FUNCTION_INFO_V1(loan_security_recv);
Datum
loan_security_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	uint16		set = pq_getmsgint(buf, sizeof(uint16));

	if (set & ~SECURITY_ALL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary representation of type %s", "loan_security"),
				 errdetail("Bits 0x%04X have no meaning.", set & ~SECURITY_ALL)));
	PG_RETURN_LOAN_SECURITY(set);
}

PG_FUNCTION_INFO_V1(loan_security_send);
Datum
loan_security_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint16(&buf, PG_GETARG_LOAN_SECURITY(0));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* Comparison by bits: a total order to sort and group by, without a meaning. */
#define SECURITY_COMPARISON(name, op) \
PG_FUNCTION_INFO_V1(name); \
Datum \
name(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_BOOL(PG_GETARG_LOAN_SECURITY(0) op PG_GETARG_LOAN_SECURITY(1)); \
} \
extern Datum name(PG_FUNCTION_ARGS)

SECURITY_COMPARISON(loan_security_eq, ==);
SECURITY_COMPARISON(loan_security_ne, !=);
SECURITY_COMPARISON(loan_security_lt, <);
SECURITY_COMPARISON(loan_security_le, <=);
SECURITY_COMPARISON(loan_security_gt, >);
SECURITY_COMPARISON(loan_security_ge, >=);

PG_FUNCTION_INFO_V1(loan_security_cmp);
Datum
loan_security_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32((int) PG_GETARG_LOAN_SECURITY(0) -
					(int) PG_GETARG_LOAN_SECURITY(1));
}

static int
security_fast_cmp(Datum x, Datum y, SortSupport ssup)
{
	return (int) DatumGetLoanSecurity(x) - (int) DatumGetLoanSecurity(y);
}

PG_FUNCTION_INFO_V1(loan_security_sortsupport);
Datum
loan_security_sortsupport(PG_FUNCTION_ARGS)
{
	((SortSupport) PG_GETARG_POINTER(0))->comparator = security_fast_cmp;
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(loan_security_hash);
Datum
loan_security_hash(PG_FUNCTION_ARGS)
{
	return hash_uint32(PG_GETARG_LOAN_SECURITY(0));
}

PG_FUNCTION_INFO_V1(loan_security_hash_extended);
Datum
loan_security_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_uint32_extended(PG_GETARG_LOAN_SECURITY(0), PG_GETARG_INT64(1));
}

/* Union.  "unknown" stays beside a known kind: nothing is forgotten. */
PG_FUNCTION_INFO_V1(loan_security_union);
Datum
loan_security_union(PG_FUNCTION_ARGS)
{
	PG_RETURN_LOAN_SECURITY(PG_GETARG_LOAN_SECURITY(0) |
							PG_GETARG_LOAN_SECURITY(1));
}

/* Are all the kinds of the second in the first?  Any set contains "none". */
PG_FUNCTION_INFO_V1(loan_security_contains);
Datum
loan_security_contains(PG_FUNCTION_ARGS)
{
	LoanSecurity a = PG_GETARG_LOAN_SECURITY(0);
	LoanSecurity b = PG_GETARG_LOAN_SECURITY(1);

	PG_RETURN_BOOL((a & b) == b);
}

PG_FUNCTION_INFO_V1(loan_security_contained);
Datum
loan_security_contained(PG_FUNCTION_ARGS)
{
	LoanSecurity a = PG_GETARG_LOAN_SECURITY(0);
	LoanSecurity b = PG_GETARG_LOAN_SECURITY(1);

	PG_RETURN_BOOL((a & b) == a);
}

/* This call site's memory of the code list. */
static CodeListCache *
code_list_cache(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CodeListCache));
	return (CodeListCache *) fcinfo->flinfo->fn_extra;
}

/*
 * The set behind a code of a built-in list.  A code not in the list is
 * "unknown", and so is NULL, except in other_assurance, where an empty field
 * says "none".  A NULL list gives NULL, an unknown list 22023.
 */
PG_FUNCTION_INFO_V1(loan_security_from_code);
Datum
loan_security_from_code(PG_FUNCTION_ARGS)
{
	const CodeList *list;
	const CodeEntry *entry;
	Span		code = {"", 0};

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	list = named_code_list(code_list_cache(fcinfo), code_lists,
						   lengthof(code_lists), PG_GETARG_TEXT_PP(1));
	if (!PG_ARGISNULL(0))
		code = span_utf8_text(PG_GETARG_TEXT_PP(0));

	if (list->entries == words)
	{
		LoanSecurity set;
		const char *bad;

		PG_RETURN_LOAN_SECURITY(read_words(code, &set, &bad) ? set : SECURITY_UNKNOWN);
	}

	entry = find_code(list, code);
	PG_RETURN_LOAN_SECURITY(entry ? entry->value : SECURITY_UNKNOWN);
}

/*
 * The same for a list of the user's own, {"code": "set", ...}.
 */
PG_FUNCTION_INFO_V1(loan_security_from_json);
Datum
loan_security_from_json(PG_FUNCTION_ARGS)
{
	const CodeList *list;
	const CodeEntry *entry;

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	list = json_code_list(code_list_cache(fcinfo), fcinfo->flinfo->fn_mcxt,
						  PG_GETARG_JSONB_P(1), read_value, SECURITY_VALUES);
	if (PG_ARGISNULL(0))
		PG_RETURN_LOAN_SECURITY(SECURITY_UNKNOWN);
	entry = find_code(list, span_utf8_text(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_LOAN_SECURITY(entry ? entry->value : SECURITY_UNKNOWN);
}

/* The built-in lists as rows, for who wants to check them or start his own. */
PG_FUNCTION_INFO_V1(loan_security_codes);
Datum
loan_security_codes(PG_FUNCTION_ARGS)
{
	FuncCallContext *funcctx;
	int		   *position;		/* list, entry */

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext oldcxt;
		TupleDesc	tupdesc;

		funcctx = SRF_FIRSTCALL_INIT();
		oldcxt = MemoryContextSwitchTo(funcctx->multi_call_memory_ctx);
		if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		funcctx->tuple_desc = BlessTupleDesc(tupdesc);
		funcctx->user_fctx = palloc0(2 * sizeof(int));
		MemoryContextSwitchTo(oldcxt);
	}

	funcctx = SRF_PERCALL_SETUP();
	position = (int *) funcctx->user_fctx;
	if (position[0] < lengthof(code_lists))
	{
		const CodeList *list = &code_lists[position[0]];
		const CodeEntry *entry = &list->entries[position[1]];
		Datum		values[3];
		bool		nulls[3] = {false, false, false};

		values[0] = CStringGetTextDatum(list->name);
		values[1] = CStringGetTextDatum(span_server(entry->code, strlen(entry->code)));
		values[2] = LoanSecurityGetDatum(entry->value);

		if (++position[1] == list->nentries)
		{
			position[0]++;
			position[1] = 0;
		}
		SRF_RETURN_NEXT(funcctx,
						HeapTupleGetDatum(heap_form_tuple(funcctx->tuple_desc,
														  values, nulls)));
	}
	SRF_RETURN_DONE(funcctx);
}

/*
 * Pure credit in the action plan's sense: no mortgage, no pledge, no guarantee.
 * One known kind rules it out even beside "unknown"; "unknown" alone is NULL.
 */
PG_FUNCTION_INFO_V1(is_pure_credit);
Datum
is_pure_credit(PG_FUNCTION_ARGS)
{
	LoanSecurity set = PG_GETARG_LOAN_SECURITY(0);

	if (set == SECURITY_NONE)
		PG_RETURN_BOOL(true);
	if (SECURITY_IS_KNOWN(set))
		PG_RETURN_BOOL(false);
	PG_RETURN_NULL();
}
