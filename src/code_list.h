/*
 * code_list.h
 *		Code lists: built in as data, or the user's own as a JSON object.
 */
#ifndef FIRST_LOAN_CODE_LIST_H
#define FIRST_LOAN_CODE_LIST_H

#include "utils/jsonb.h"

#include "words.h"

typedef struct CodeEntry
{
	const char *code;			/* UTF-8; built-in ones in upper case */
	int			value;
} CodeEntry;

typedef struct CodeList
{
	const char *name;
	const CodeEntry *entries;
	int			nentries;
} CodeList;

#define CODE_LIST(name, entries)	{name, entries, lengthof(entries)}

/*
 * What a call site remembers, in fn_extra or a part of it; starts zeroed.  The
 * list is nearly always a constant of the query.
 */
typedef struct CodeListCache
{
	const CodeList *named;		/* last built-in list asked for */
	Jsonb	   *source;			/* last JSON list asked for, and what it says */
	CodeList	own;
	MemoryContext own_cxt;
} CodeListCache;

/* Reads a value of a JSON list; false where it does not understand it. */
typedef bool (*CodeValueReader) (Span word, int *value);

extern const CodeList *named_code_list(CodeListCache *cache,
									   const CodeList *lists, int nlists,
									   text *name);
extern const CodeList *json_code_list(CodeListCache *cache, MemoryContext mcxt,
									  Jsonb *json, CodeValueReader reader,
									  const char *values);
extern const CodeEntry *find_code(const CodeList *list, Span code);

#endif							/* FIRST_LOAN_CODE_LIST_H */
