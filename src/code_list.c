/*
 * code_list.c
 *		Code lists: built in as data, or the user's own as a JSON object.
 *
 * The same code means different things in different lists ("4" is pure credit
 * in one and a combination in another), so there is no lookup without a list.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "code_list.h"

/*
 * The built-in list of that name; an unknown name is 22023 and the hint names
 * the known ones.
 */
const CodeList *
named_code_list(CodeListCache *cache, const CodeList *lists, int nlists, text *name)
{
	Span		wanted = {VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)};
	StringInfoData known;

	if (cache->named && span_equals(wanted, cache->named->name))
		return cache->named;

	initStringInfo(&known);
	for (int i = 0; i < nlists; i++)
	{
		if (span_equals(wanted, lists[i].name))
		{
			pfree(known.data);
			return cache->named = &lists[i];
		}
		appendStringInfo(&known, "%s%s", i ? ", " : "", lists[i].name);
	}

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown code list \"%s\"", text_to_cstring(name)),
			 errhint("The known lists are %s. A list of your own is given as jsonb, such as '{\"code\": \"value\"}'::jsonb.",
					 known.data)));
	return NULL;				/* keep compiler quiet */
}

/*
 * A list of the user's own.  All of it is read and checked when it is first
 * seen, so that a mistake in it shows at once and not when its code turns up.
 */
const CodeList *
json_code_list(CodeListCache *cache, MemoryContext mcxt, Jsonb *json,
			   CodeValueReader reader, const char *values)
{
	MemoryContext oldcxt;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	v;
	CodeEntry  *entries;
	int			n = 0;

	if (cache->source && VARSIZE(cache->source) == VARSIZE(json) &&
		memcmp(cache->source, json, VARSIZE(json)) == 0)
		return &cache->own;

	if (!JB_ROOT_IS_OBJECT(json))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a code list must be a JSON object"),
				 errhint("Write it as {\"code\": \"value\", ...}; the values are %s.", values)));

	if (cache->own_cxt)
	{
		cache->source = NULL;
		MemoryContextReset(cache->own_cxt);
	}
	else
		cache->own_cxt = AllocSetContextCreate(mcxt, "code list", ALLOCSET_SMALL_SIZES);

	oldcxt = MemoryContextSwitchTo(cache->own_cxt);
	entries = palloc(Max(JB_ROOT_COUNT(json), 1) * sizeof(CodeEntry));
	it = JsonbIteratorInit(&json->root);
	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			Span		code = span_utf8(v.val.string.val, v.val.string.len);

			entries[n].code = pnstrdup(code.s, code.len);
		}
		else if (token == WJB_VALUE)
		{
			if (v.type != jbvString)
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("value for code \"%s\" in the code list is not a string",
								span_server(entries[n].code, strlen(entries[n].code))),
						 errhint("The values are %s.", values)));
			if (!reader(span_utf8(v.val.string.val, v.val.string.len),
						&entries[n].value))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						 errmsg("invalid value \"%s\" for code \"%s\" in the code list",
								pnstrdup(v.val.string.val, v.val.string.len),
								span_server(entries[n].code, strlen(entries[n].code))),
						 errhint("The values are %s.", values)));
			n++;
		}
	}
	cache->own.entries = entries;
	cache->own.nentries = n;
	cache->source = (Jsonb *) memcpy(palloc(VARSIZE(json)), json, VARSIZE(json));
	MemoryContextSwitchTo(oldcxt);

	return &cache->own;
}

/*
 * The entry for a code, or NULL.  As it is written first, then without regard
 * to case: a user's list may tell "a" from "A".
 */
const CodeEntry *
find_code(const CodeList *list, Span code)
{
	for (int i = 0; i < list->nentries; i++)
	{
		if (span_equals(code, list->entries[i].code))
			return &list->entries[i];
	}
	for (int i = 0; i < list->nentries; i++)
	{
		if (span_equals_fold(code, list->entries[i].code))
			return &list->entries[i];
	}
	return NULL;
}
