/*
 * credit_report_jsonb.c
 *		A credit report from jsonb: the second-generation document in JSON, as
 *		converters make it of the XML, or the text form of the type.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "credit_report_document.h"

PG_FUNCTION_INFO_V1(credit_report_from_jsonb);

/* Where a converter puts the text of an element that has attributes. */
static bool
is_text_key(const char *name, int len)
{
	static const char *const keys[] = {"#text", "_text", "$t", "_", "$"};

	for (int i = 0; i < lengthof(keys); i++)
	{
		if (strlen(keys[i]) == len && memcmp(keys[i], name, len) == 0)
			return true;
	}
	return false;
}

static void
scalar_text(ReportDocument *document, const JsonbValue *value)
{
	char	   *digits;
	char	   *point;

	switch (value->type)
	{
		case jbvString:
			document_text(document, value->val.string.val,
						  value->val.string.len);
			break;
		case jbvNumeric:
			digits = DatumGetCString(DirectFunctionCall1(numeric_out,
														 NumericGetDatum(value->val.numeric)));
			/* 11.0 is 11 */
			point = strchr(digits, '.');
			if (point != NULL && point[1 + strspn(point + 1, "0")] == '\0')
				*point = '\0';
			document_text(document, digits, strlen(digits));
			break;
		case jbvBool:
			document_text(document, value->val.boolean ? "true" : "false",
						  value->val.boolean ? 4 : 5);
			break;
		default:
			break;
	}
}

static void walk_members(ReportDocument *document, JsonbContainer *object);

static void
walk_value(ReportDocument *document, const char *name, int len,
		   JsonbValue *value)
{
	if (value->type == jbvBinary &&
		JsonContainerIsArray(value->val.binary.data))
	{
		JsonbIterator *it = JsonbIteratorInit(value->val.binary.data);
		JsonbIteratorToken token;
		JsonbValue	element;

		check_stack_depth();
		while ((token = JsonbIteratorNext(&it, &element, true)) != WJB_DONE)
		{
			if (token == WJB_ELEM)
				walk_value(document, name, len, &element);
		}
		return;
	}
	document_open(document, name, len);
	if (value->type == jbvBinary)
		walk_members(document, value->val.binary.data);
	else
		scalar_text(document, value);
	document_close(document);
}

static void
walk_members(ReportDocument *document, JsonbContainer *object)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue	key;
	JsonbValue	value;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	while ((token = JsonbIteratorNext(&it, &key, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&it, &value, true);	/* WJB_VALUE */
		if (value.type != jbvBinary &&
			is_text_key(key.val.string.val, key.val.string.len))
			scalar_text(document, &value);
		else if (document_wants(key.val.string.val, key.val.string.len))
			walk_value(document, key.val.string.val, key.val.string.len,
					   &value);
	}
}

/* Whether the object is a report in the text form of the type. */
static bool
is_text_form(JsonbContainer *object)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbIteratorToken token;
	JsonbValue	value;

	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY &&
			report_is_key(value.val.string.val, value.val.string.len))
			return true;
	}
	return false;
}

/*
 * credit_report(jsonb): from the second-generation document in JSON, or from
 * the text form of the type.
 */
Datum
credit_report_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = PG_GETARG_JSONB_P(0);
	ReportDocument *document;
	JsonbValue	root;

	if (JB_ROOT_IS_SCALAR(jb))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						"credit_report",
						report_shown(JsonbToCString(NULL, &jb->root,
													VARSIZE(jb)))),
				 errdetail("The document must be a JSON object."),
				 errhint("A document that is stored as a JSON string is cast by (document #>> '{}')::jsonb first.")));
	if (JB_ROOT_IS_OBJECT(jb) && is_text_form(&jb->root))
	{
		Report		report;

		report_from_json(JsonbPGetDatum(jb), &report, NULL);
		PG_RETURN_POINTER(report_pack(&report, NULL));
	}
	document = document_begin();
	root.type = jbvBinary;
	root.val.binary.data = &jb->root;
	root.val.binary.len = VARSIZE(jb) - VARHDRSZ;
	walk_value(document, "", 0, &root);
	PG_RETURN_POINTER(document_finish(document));
}
