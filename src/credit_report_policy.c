/*
 * credit_report_policy.c
 *		The arguments by which a caller changes what counts.
 */
#include "postgres.h"

#include "utils/jsonb.h"

#include "credit_report.h"

/*
 * Rules that a caller gives, as {"enterprise": {"33": true, "16": false},
 * "person": {"51": null}, "class": {"R4": true}}: whether the code counts,
 * null for "cannot be told".
 */
static const char *const list_names[] = {"enterprise", "person", "class"};

static void
refuse_rules(const char *value, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for argument \"codes\": \"%s\"", value),
			 errdetail("%s", detail),
			 errhint("Write the codes as {\"enterprise\": {\"33\": true}, \"person\": {}, \"class\": {}}, where true counts, false does not and null cannot be told.")));
}

/* The rules' texts point into codes, which is not toasted. */
ReportRule *
report_parse_codes(Datum codes, int *nrules)
{
	Jsonb	   *jb = DatumGetJsonbP(codes);
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	value;
	ReportRule *rules = NULL;
	int			size = 0;
	int			depth = 0;
	int			list = 0;

	*nrules = 0;
	if (!JB_ROOT_IS_OBJECT(jb))
		refuse_rules(JsonbToCString(NULL, &jb->root, VARSIZE(jb)),
					 "It must be a JSON object.");
	it = JsonbIteratorInit(&jb->root);
	while ((token = JsonbIteratorNext(&it, &value, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_OBJECT)
			depth++;
		else if (token == WJB_END_OBJECT)
			depth--;
		else if (token == WJB_KEY && depth == 1)
		{
			char	   *name = pnstrdup(value.val.string.val,
										value.val.string.len);

			for (list = 0; list < lengthof(list_names); list++)
			{
				if (strcmp(name, list_names[list]) == 0)
					break;
			}
			if (list == lengthof(list_names))
				refuse_rules(name, "There is no such list of codes.");
		}
		else if (token == WJB_KEY && depth == 2)
		{
			ReportAccount code;
			ReportText	text;
			ReportRule *rule;
			char	   *name = pnstrdup(value.val.string.val,
										value.val.string.len);

			if (!report_trim(name, strlen(name), &text) || text.len == 0)
				refuse_rules(name, "It is not a code.");
			if (*nrules == size)
			{
				size = size == 0 ? 8 : 2 * size;
				rules = rules == NULL ? palloc(size * sizeof(ReportRule)) :
					repalloc(rules, size * sizeof(ReportRule));
			}
			rule = &rules[(*nrules)++];
			memset(rule, 0, sizeof(*rule));
			rule->list = list;
			if (list == LIST_CLASS)
			{
				report_set_class(&code, text);
				rule->code = code.class;
				rule->text = code.class_text;
			}
			else
			{
				report_set_business(&code, text);
				rule->code = code.business;
				rule->text = code.business_text;
			}

			token = JsonbIteratorNext(&it, &value, false);
			if (token == WJB_VALUE && value.type == jbvBool)
				rule->counts = value.val.boolean ? COUNTS_YES : COUNTS_NO;
			else if (token == WJB_VALUE && value.type == jbvNull)
				rule->counts = COUNTS_UNKNOWN;
			else
				refuse_rules(name, "A code must be true, false or null.");
		}
		else if (depth < 2)
			refuse_rules(list_names[list], "The list must be a JSON object.");
	}
	return rules;
}

/* The codes of the last call: nearly always those of this one. */
typedef struct RulesCache
{
	struct varlena *source;
	int			nrules;
	ReportRule *rules;
} RulesCache;

static void
set_rules(FunctionCallInfo fcinfo, Datum codes, ReportPolicy *policy)
{
	RulesCache *cache = fcinfo->flinfo->fn_extra;
	Jsonb	   *jb = DatumGetJsonbP(codes);
	MemoryContext old;

	if (JB_ROOT_IS_OBJECT(jb) && JB_ROOT_COUNT(jb) == 0)
		return;
	if (cache == NULL || VARSIZE(cache->source) != VARSIZE(jb) ||
		memcmp(cache->source, jb, VARSIZE(jb)) != 0)
	{
		RulesCache	made;

		old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		made.source = palloc(VARSIZE(jb));
		memcpy(made.source, jb, VARSIZE(jb));
		made.rules = report_parse_codes(PointerGetDatum(made.source),
										&made.nrules);
		if (cache == NULL)
			cache = palloc(sizeof(RulesCache));
		*cache = made;
		fcinfo->flinfo->fn_extra = cache;
		MemoryContextSwitchTo(old);
	}
	policy->nrules = cache->nrules;
	policy->rules = cache->rules;
}

/*
 * The options from argument first on: advances, disposed, leasing, undrawn,
 * summary, each a boolean.
 */
uint32
report_get_options(FunctionCallInfo fcinfo, int first)
{
	static const uint32 options[] = {
		POLICY_ADVANCES, POLICY_DISPOSED, POLICY_LEASING, POLICY_UNDRAWN,
		POLICY_SUMMARY
	};
	uint32		result = 0;

	for (int i = 0; i < lengthof(options); i++)
	{
		if (PG_GETARG_BOOL(first + i))
			result |= options[i];
	}
	return result;
}

/* The options, and the codes after them. */
void
report_get_policy(FunctionCallInfo fcinfo, int first, ReportPolicy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->options = report_get_options(fcinfo, first);
	set_rules(fcinfo, PG_GETARG_DATUM(first + 5), policy);
}

int32
report_get_lag(FunctionCallInfo fcinfo, int n)
{
	int32		lag = PG_GETARG_INT32(n);

	if (lag < 0)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("reporting lag must not be negative: %d", lag),
				 errhint("The lag is the number of days by which a report may be older than the date asked about.")));
	return lag;
}
