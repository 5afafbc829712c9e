/*
 * set_io.c
 *		Text and binary form of first_loan_set.
 *
 * Text is JSON, members in the one order, so that equal sets read the same:
 *
 * {"borrower": "pg_catalog.text", "granted_on": "date", "ref": "bigint",
 *	"members": [["9135...", "2024-01-05", "17"], ...]}
 *
 * with "institution" a member has two more elements, institution and eligible.
 * "collation" stands where it is not the database's own, "period" in the state
 * of an aggregate that has one.  Every value is in its type's own text form.
 *
 * Both inputs add member by member, as an aggregate would: nothing that comes
 * from outside can make a set that is not one.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "common/jsonapi.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "first_loan_set.h"

static const char *const when_names[] = {
	[SET_WHEN_DATE] = "date",
	[SET_WHEN_TIMESTAMP] = "timestamp",
	[SET_WHEN_TIMESTAMPTZ] = "timestamptz"
};

static const Oid when_types[] = {
	[SET_WHEN_DATE] = DATEOID,
	[SET_WHEN_TIMESTAMP] = TIMESTAMPOID,
	[SET_WHEN_TIMESTAMPTZ] = TIMESTAMPTZOID
};

static Datum
when_datum(SetWhenClass when_class, int64 when)
{
	return when_class == SET_WHEN_DATE ?
		DateADTGetDatum((DateADT) when) : TimestampGetDatum(when);
}

static bool
when_is_finite(SetWhenClass when_class, int64 when)
{
	if (when_class == SET_WHEN_DATE)
		return when >= PG_INT32_MIN && when <= PG_INT32_MAX &&
			!DATE_NOT_FINITE((DateADT) when) && IS_VALID_DATE((DateADT) when);
	return !TIMESTAMP_NOT_FINITE(when) && IS_VALID_TIMESTAMP(when);
}

/* ---------- text output ---------- */

static void
append_type_name(StringInfo buf, const char *key, const SetColumn *column)
{
	appendStringInfo(buf, "\"%s\": ", key);
	escape_json(buf, format_type_extended(column->typid, -1,
										  FORMAT_TYPE_FORCE_QUALIFY));
	appendStringInfoString(buf, ", ");
}

static void
append_day(StringInfo buf, bool infinite, int64 day)
{
	char		text[MAXDATELEN + 1];

	if (infinite)
		appendStringInfoString(buf, "null");
	else
	{
		JsonEncodeDateTime(text, DateADTGetDatum((DateADT) day), DATEOID, NULL);
		escape_json(buf, text);
	}
}

PG_FUNCTION_INFO_V1(first_loan_set_out);
Datum
first_loan_set_out(PG_FUNCTION_ARGS)
{
	FirstLoanSet *set = set_for_reading(PG_GETARG_DATUM(0));
	const SetLayout *layout = &set->layout;
	const SetColumn *columns[3] = {&layout->borrower, &layout->ref, &layout->institution};
	SetPeriod	everything = {SET_PERIOD_NONE, 0, 0};
	Oid			collation = InvalidOid;
	FmgrInfo	output[3];
	SetMember  *members;
	int64		n;
	StringInfoData buf;
	MemoryContext row_context;

	for (int i = 0; i < 3; i++)
	{
		Oid			function;
		bool		isvarlena;

		if (!OidIsValid(columns[i]->typid))
			continue;
		getTypeOutputInfo(columns[i]->typid, &function, &isvarlena);
		fmgr_info(function, &output[i]);
		if (OidIsValid(columns[i]->collation))
			collation = columns[i]->collation;
	}

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '{');
	append_type_name(&buf, "borrower", &layout->borrower);
	appendStringInfo(&buf, "\"granted_on\": \"%s\", ", when_names[layout->when_class]);
	append_type_name(&buf, "ref", &layout->ref);
	if (OidIsValid(layout->institution.typid))
		append_type_name(&buf, "institution", &layout->institution);
	if (OidIsValid(collation) && collation != DEFAULT_COLLATION_OID)
	{
		appendStringInfoString(&buf, "\"collation\": ");
		escape_json(&buf, set_collation_name(collation));
		appendStringInfoString(&buf, ", ");
	}
	if (set->period.kind == SET_PERIOD_NULL)
		appendStringInfoString(&buf, "\"period\": null, ");
	else if (set->period.kind == SET_PERIOD_RANGE)
	{
		appendStringInfoString(&buf, "\"period\": [");
		append_day(&buf, set->period.lower == PG_INT32_MIN, set->period.lower);
		appendStringInfoString(&buf, ", ");
		append_day(&buf, set->period.upper >= PG_INT32_MAX, set->period.upper);
		appendStringInfoString(&buf, "], ");
	}

	appendStringInfoString(&buf, "\"members\": [");
	members = set_sorted_members(set, &everything, &n);
	row_context = AllocSetContextCreate(CurrentMemoryContext, "first_loan_set out",
										ALLOCSET_DEFAULT_SIZES);
	for (int64 i = 0; i < n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);
		SetKeyBuffer key;
		SetRow		row;
		char		when[MAXDATELEN + 1];

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(row_context);
		set_entry_row(set, members[i].part, members[i].entry, &key, &row);

		appendStringInfoString(&buf, i == 0 ? "[" : ", [");
		escape_json(&buf, OutputFunctionCall(&output[0], row.borrower));
		JsonEncodeDateTime(when, when_datum(layout->when_class, row.when),
						   when_types[layout->when_class], NULL);
		appendStringInfo(&buf, ", \"%s\", ", when);
		if (row.ref_is_null)
			appendStringInfoString(&buf, "null");
		else
			escape_json(&buf, OutputFunctionCall(&output[1], row.ref));
		if (OidIsValid(layout->institution.typid))
		{
			appendStringInfoString(&buf, ", ");
			if (row.institution_is_null)
				appendStringInfoString(&buf, "null");
			else
				escape_json(&buf, OutputFunctionCall(&output[2], row.institution));
			appendStringInfoString(&buf, row.eligible == SET_ELIGIBLE_NULL ? ", null" :
								   row.eligible == SET_ELIGIBLE_TRUE ? ", true" : ", false");
		}
		appendStringInfoChar(&buf, ']');
		MemoryContextSwitchTo(old);
	}
	MemoryContextDelete(row_context);
	appendStringInfoString(&buf, "]}");
	PG_RETURN_CSTRING(buf.data);
}

/* ---------- text input ---------- */

typedef enum Field
{
	FIELD_BORROWER,
	FIELD_GRANTED_ON,
	FIELD_REF,
	FIELD_INSTITUTION,
	FIELD_COLLATION,
	FIELD_PERIOD,
	FIELD_MEMBERS,
	FIELD_COUNT
} Field;

static const char *const field_names[FIELD_COUNT] = {
	"borrower", "granted_on", "ref", "institution", "collation", "period", "members"
};

typedef struct ValueInput
{
	FmgrInfo	function;
	Oid			ioparam;
} ValueInput;

typedef struct Parse
{
	Node	   *escontext;
	MemoryContext result_context;
	MemoryContext row_context;
	bool		seen[FIELD_COUNT];
	char	   *text[FIELD_COUNT];	/* of the fields that are strings */
	Field		field;
	int			depth;			/* of arrays */
	FirstLoanSet *set;
	SetPeriod	period;
	ValueInput	input[4];		/* borrower, granted_on, ref, institution */
	SetRow		row;
	int			element;		/* in the member or the period */
	int64		member;
} Parse;

#if PG_VERSION_NUM >= 160000
#define SEM_RESULT JsonParseErrorType
#define SEM_RETURN(ok) return (ok) ? JSON_SUCCESS : JSON_SEM_ACTION_FAILED
#else
/* an error has been thrown where ok is false */
#define SEM_RESULT void
#define SEM_RETURN(ok) do { (void) (ok); return; } while (0)
#endif

static bool
bad_syntax(Parse *parse, const char *detail)
{
	ereturn(parse->escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type %s", "first_loan_set"),
			 parse->member > 0 ?
			 errdetail("Member " INT64_FORMAT ": %s", parse->member, detail) :
			 errdetail("%s", detail)));
}

static bool
prepare_input(ValueInput *input, Oid typid)
{
	Oid			function;

	getTypeInputInfo(typid, &function, &input->ioparam);
	fmgr_info(function, &input->function);
	return true;
}

/* The types are known: make the set. */
static bool
begin_members(Parse *parse)
{
	static const Field type_fields[3] = {FIELD_BORROWER, FIELD_REF, FIELD_INSTITUTION};
	const char *collation = parse->text[FIELD_COLLATION];
	SetLayout	layout;
	SetColumn  *columns[3] = {&layout.borrower, &layout.ref, &layout.institution};
	MemoryContext old;

	if (!parse->seen[FIELD_BORROWER] || !parse->seen[FIELD_GRANTED_ON] ||
		!parse->seen[FIELD_REF])
		return bad_syntax(parse, "\"borrower\", \"granted_on\" and \"ref\" must come before \"members\".");

	memset(&layout, 0, sizeof(layout));
	for (int i = 0; i < 3; i++)
	{
		if (parse->seen[type_fields[i]] &&
			!set_column_from_name(columns[i], parse->text[type_fields[i]],
								  collation ? collation : "pg_catalog.\"default\"",
								  parse->escontext))
			return false;
	}
	for (int i = SET_WHEN_DATE; i <= SET_WHEN_TIMESTAMPTZ; i++)
	{
		if (strcmp(parse->text[FIELD_GRANTED_ON], when_names[i]) == 0)
			layout.when_class = i;
	}
	if (layout.when_class == 0)
		return bad_syntax(parse, "\"granted_on\" must be \"date\", \"timestamp\" or \"timestamptz\".");
	if (!set_layout_complete(&layout, parse->escontext))
		return false;

	prepare_input(&parse->input[0], layout.borrower.typid);
	prepare_input(&parse->input[1], when_types[layout.when_class]);
	prepare_input(&parse->input[2], layout.ref.typid);
	if (OidIsValid(layout.institution.typid))
		prepare_input(&parse->input[3], layout.institution.typid);

	old = MemoryContextSwitchTo(parse->result_context);
	parse->set = set_create(parse->result_context, &layout);
	MemoryContextSwitchTo(old);
	return true;
}

static bool
member_value(Parse *parse, int which, char *token, Datum *value)
{
	MemoryContext old = MemoryContextSwitchTo(parse->row_context);
	bool		ok = fl_input(&parse->input[which].function, token,
							  parse->input[which].ioparam,
							  parse->escontext, value);

	MemoryContextSwitchTo(old);
	return ok;
}

static bool
member_element(Parse *parse, char *token, JsonTokenType type)
{
	bool		has_institution = OidIsValid(parse->set->layout.institution.typid);
	int			element = parse->element++;
	Datum		value;

	if (element == 4 && has_institution)
	{
		if (type != JSON_TOKEN_TRUE && type != JSON_TOKEN_FALSE &&
			type != JSON_TOKEN_NULL)
			return bad_syntax(parse, "The fifth element must be true, false or null.");
		parse->row.eligible = type == JSON_TOKEN_NULL ? SET_ELIGIBLE_NULL :
			type == JSON_TOKEN_TRUE ? SET_ELIGIBLE_TRUE : SET_ELIGIBLE_FALSE;
		return true;
	}
	if (element >= (has_institution ? 4 : 3))
		return bad_syntax(parse, "It has too many elements.");
	if (type != JSON_TOKEN_STRING && !(type == JSON_TOKEN_NULL && element >= 2))
		return bad_syntax(parse, "Its elements must be strings.");

	switch (element)
	{
		case 0:
			return member_value(parse, 0, token, &parse->row.borrower);
		case 1:
			if (!member_value(parse, 1, token, &value))
				return false;
			parse->row.when = parse->set->layout.when_class == SET_WHEN_DATE ?
				(int64) DatumGetDateADT(value) : DatumGetTimestamp(value);
			if (!when_is_finite(parse->set->layout.when_class, parse->row.when))
				return bad_syntax(parse, "The date must be finite.");
			return true;
		case 2:
			parse->row.ref_is_null = type == JSON_TOKEN_NULL;
			return parse->row.ref_is_null ||
				member_value(parse, 2, token, &parse->row.ref);
		default:
			parse->row.institution_is_null = type == JSON_TOKEN_NULL;
			return parse->row.institution_is_null ||
				member_value(parse, 3, token, &parse->row.institution);
	}
}

static bool
period_element(Parse *parse, char *token, JsonTokenType type)
{
	int			element = parse->element++;
	ValueInput	input;
	Datum		value;

	if (element > 1 || (type != JSON_TOKEN_STRING && type != JSON_TOKEN_NULL))
		return bad_syntax(parse, "\"period\" must be two dates, or null.");
	parse->period.kind = SET_PERIOD_RANGE;
	if (type == JSON_TOKEN_NULL)
	{
		if (element == 0)
			parse->period.lower = PG_INT32_MIN;
		else
			parse->period.upper = PG_INT64_MAX;
		return true;
	}
	prepare_input(&input, DATEOID);
	if (!fl_input(&input.function, token, input.ioparam, parse->escontext, &value))
		return false;
	if (element == 0)
		parse->period.lower = DatumGetDateADT(value);
	else
		parse->period.upper = DatumGetDateADT(value);
	return true;
}

static SEM_RESULT
on_object_start(void *arg)
{
	Parse	   *parse = arg;

	/* field is FIELD_COUNT until the first one has begun */
	SEM_RETURN((parse->field == FIELD_COUNT && parse->depth == 0) ||
			   bad_syntax(parse, "An object stands where none is expected."));
}

static SEM_RESULT
on_field_start(void *arg, char *name, bool isnull)
{
	Parse	   *parse = arg;
	int			field;

	for (field = 0; field < FIELD_COUNT; field++)
	{
		if (strcmp(name, field_names[field]) == 0)
			break;
	}
	if (field == FIELD_COUNT)
		SEM_RETURN(bad_syntax(parse, psprintf("Key \"%s\" is not known.", name)));
	if (parse->seen[field])
		SEM_RETURN(bad_syntax(parse, psprintf("Key \"%s\" is there twice.", name)));
	if (parse->seen[FIELD_MEMBERS])
		SEM_RETURN(bad_syntax(parse, "\"members\" must be the last key."));
	parse->seen[field] = true;
	parse->field = field;
	SEM_RETURN(field != FIELD_MEMBERS || begin_members(parse));
}

static SEM_RESULT
on_array_start(void *arg)
{
	Parse	   *parse = arg;

	parse->depth++;
	if (parse->field == FIELD_MEMBERS && parse->depth == 2)
	{
		parse->member++;
		parse->element = 0;
		memset(&parse->row, 0, sizeof(SetRow));
		parse->row.institution_is_null = true;
		parse->row.eligible = SET_ELIGIBLE_TRUE;
		MemoryContextReset(parse->row_context);
		CHECK_FOR_INTERRUPTS();
		SEM_RETURN(true);
	}
	if (parse->field == FIELD_PERIOD && parse->depth == 1)
	{
		parse->element = 0;
		SEM_RETURN(true);
	}
	SEM_RETURN((parse->field == FIELD_MEMBERS && parse->depth == 1) ||
			   bad_syntax(parse, "An array stands where none is expected."));
}

static SEM_RESULT
on_array_end(void *arg)
{
	Parse	   *parse = arg;

	parse->depth--;
	if (parse->field == FIELD_MEMBERS && parse->depth == 1)
	{
		if (parse->element != (OidIsValid(parse->set->layout.institution.typid) ? 5 : 3))
			SEM_RETURN(bad_syntax(parse, "It has too few elements."));
		set_add(parse->set, &parse->row);
	}
	else if (parse->field == FIELD_PERIOD && parse->element != 2)
		SEM_RETURN(bad_syntax(parse, "\"period\" must be two dates, or null."));
	SEM_RETURN(true);
}

static SEM_RESULT
on_scalar(void *arg, char *token, JsonTokenType type)
{
	Parse	   *parse = arg;
	bool		ok;

	if (parse->field == FIELD_MEMBERS && parse->depth == 2)
	{
		ok = member_element(parse, token, type);
		if (token)
			pfree(token);
		SEM_RETURN(ok);
	}
	if (parse->field == FIELD_PERIOD)
	{
		if (parse->depth == 1)
			SEM_RETURN(period_element(parse, token, type));
		if (type != JSON_TOKEN_NULL)
			SEM_RETURN(bad_syntax(parse, "\"period\" must be two dates, or null."));
		parse->period.kind = SET_PERIOD_NULL;
		SEM_RETURN(true);
	}
	if (parse->field >= FIELD_MEMBERS || parse->depth > 0 || type != JSON_TOKEN_STRING)
		SEM_RETURN(bad_syntax(parse, "A value stands where none is expected."));
	parse->text[parse->field] = token;
	SEM_RETURN(true);
}

/*
 * Text input.  Errors say which member is wrong; two members of one borrower
 * are the first of both, as when rows are aggregated.
 */
PG_FUNCTION_INFO_V1(first_loan_set_in);
Datum
first_loan_set_in(PG_FUNCTION_ARGS)
{
	char	   *string = PG_GETARG_CSTRING(0);
	Node	   *escontext = fl_escontext(fcinfo);
	JsonLexContext *lex;
	JsonSemAction actions;
	JsonParseErrorType result;
	Parse		parse;

	memset(&parse, 0, sizeof(parse));
	parse.escontext = escontext;
	parse.field = FIELD_COUNT;
	parse.result_context = CurrentMemoryContext;
	parse.row_context = AllocSetContextCreate(CurrentMemoryContext,
											  "first_loan_set in",
											  ALLOCSET_DEFAULT_SIZES);
	memset(&actions, 0, sizeof(actions));
	actions.semstate = &parse;
	actions.object_start = on_object_start;
	actions.object_field_start = on_field_start;
	actions.array_start = on_array_start;
	actions.array_end = on_array_end;
	actions.scalar = on_scalar;

#if PG_VERSION_NUM >= 170000
	lex = makeJsonLexContextCstringLen(NULL, string, strlen(string),
									   GetDatabaseEncoding(), true);
#else
	lex = makeJsonLexContextCstringLen(string, strlen(string),
									   GetDatabaseEncoding(), true);
#endif
	result = pg_parse_json(lex, &actions);
#if PG_VERSION_NUM >= 160000
	if (result == JSON_SEM_ACTION_FAILED)
		PG_RETURN_NULL();
#endif
	if (result != JSON_SUCCESS)
	{
		parse.member = 0;
		bad_syntax(&parse, json_errdetail(result, lex));
		PG_RETURN_NULL();
	}
	if (parse.set == NULL)
	{
		bad_syntax(&parse, "It is not an object with the key \"members\".");
		PG_RETURN_NULL();
	}
	parse.set->period = parse.period;
	MemoryContextDelete(parse.row_context);
	PG_RETURN_DATUM(EOHPGetRWDatum(&parse.set->hdr));
}

/* ---------- binary ---------- */

#define BINARY_VERSION			1
#define BINARY_HAS_INSTITUTION	0x01

static void
send_value(StringInfo buf, FmgrInfo *function, Datum value, bool isnull)
{
	bytea	   *bytes;

	if (isnull)
	{
		pq_sendint32(buf, (uint32) -1);
		return;
	}
	bytes = SendFunctionCall(function, value);
	pq_sendint32(buf, VARSIZE(bytes) - VARHDRSZ);
	pq_sendbytes(buf, VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ);
}

static void
send_column(StringInfo buf, const SetColumn *column, FmgrInfo *function)
{
	Oid			send;
	bool		isvarlena;

	pq_sendstring(buf, format_type_extended(column->typid, -1,
											FORMAT_TYPE_FORCE_QUALIFY));
	pq_sendstring(buf, OidIsValid(column->collation) ?
				  set_collation_name(column->collation) : "");
	getTypeBinaryOutputInfo(column->typid, &send, &isvarlena);
	fmgr_info(send, function);
}

static int
number_cmp(const void *a, const void *b, void *arg)
{
	return set_institution_cmp(arg, *(const uint32 *) a, *(const uint32 *) b);
}

/*
 * Binary output: version, flags, granted_on class, period, columns, the
 * institutions in their order, members in theirs.  Equal sets give equal bytes.
 */
PG_FUNCTION_INFO_V1(first_loan_set_send);
Datum
first_loan_set_send(PG_FUNCTION_ARGS)
{
	FirstLoanSet *set = set_for_reading(PG_GETARG_DATUM(0));
	const SetLayout *layout = &set->layout;
	bool		has_institution = OidIsValid(layout->institution.typid);
	SetPeriod	everything = {SET_PERIOD_NONE, 0, 0};
	StringInfoData buf;
	FmgrInfo	send[3];
	SetMember  *members;
	int64		n;
	uint32	   *order = NULL;
	uint32	   *rank = NULL;
	uint32		used = 0;
	MemoryContext row_context;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, BINARY_VERSION);
	pq_sendbyte(&buf, has_institution ? BINARY_HAS_INSTITUTION : 0);
	pq_sendbyte(&buf, layout->when_class);
	pq_sendbyte(&buf, set->period.kind);
	pq_sendint32(&buf, set->period.lower);
	pq_sendint64(&buf, set->period.upper);
	send_column(&buf, &layout->borrower, &send[0]);
	send_column(&buf, &layout->ref, &send[1]);

	members = set_sorted_members(set, &everything, &n);
	row_context = AllocSetContextCreate(CurrentMemoryContext, "first_loan_set send",
										ALLOCSET_DEFAULT_SIZES);
	if (has_institution)
	{
		send_column(&buf, &layout->institution, &send[2]);

		/* the dictionary may know institutions that no member has any more */
		order = palloc_extended((set->ninstitutions + 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
		rank = palloc_extended((set->ninstitutions + 1) * sizeof(uint32),
							   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
		for (int64 i = 0; i < n; i++)
		{
			uint32		number = set_entry_extra(members[i].entry)->institution;

			if (number != SET_NO_INSTITUTION && rank[number] == 0)
			{
				rank[number] = 1;
				order[used++] = number;
			}
		}
		qsort_arg(order, used, sizeof(uint32), number_cmp, set);
		pq_sendint32(&buf, used);
		for (uint32 i = 0; i < used; i++)
		{
			rank[order[i]] = i;
			send_value(&buf, &send[2], set->institutions[order[i]].value, false);
		}
	}

	pq_sendint64(&buf, n);
	for (int64 i = 0; i < n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);
		SetKeyBuffer key;
		SetRow		row;

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(row_context);
		set_entry_row(set, members[i].part, members[i].entry, &key, &row);
		send_value(&buf, &send[0], row.borrower, false);
		pq_sendint64(&buf, row.when);
		send_value(&buf, &send[1], row.ref, row.ref_is_null);
		if (has_institution)
		{
			uint32		number = set_entry_extra(members[i].entry)->institution;

			pq_sendint32(&buf, number == SET_NO_INSTITUTION ? number : rank[number]);
			pq_sendbyte(&buf, row.eligible);
		}
		MemoryContextSwitchTo(old);
	}
	MemoryContextDelete(row_context);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

typedef struct ValueReceive
{
	FmgrInfo	function;
	Oid			ioparam;
} ValueReceive;

pg_noreturn static void bad_binary(const char *detail);

static void
bad_binary(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary representation of type %s", "first_loan_set"),
			 errdetail("%s", detail)));
}

/* A value of so many bytes, given to its type's receive function. */
static Datum
receive_value(StringInfo buf, ValueReceive *receive, bool *isnull)
{
	int			len = pq_getmsgint(buf, 4);
	StringInfoData item;
	char	   *copy;
	Datum		value;

	*isnull = len == -1;
	if (*isnull)
		return (Datum) 0;
	if (len < 0 || len > buf->len - buf->cursor)
		bad_binary("A value is longer than what is left of the message.");

	/* receive functions may rely on the byte after the last being zero */
	copy = palloc(len + 1);
	memcpy(copy, pq_getmsgbytes(buf, len), len);
	copy[len] = '\0';
	item.data = copy;
	item.len = len;
	item.maxlen = len + 1;
	item.cursor = 0;
	value = ReceiveFunctionCall(&receive->function, &item, receive->ioparam, -1);
	if (item.cursor != len)
		bad_binary("A value has bytes left over.");
	return value;
}

static void
receive_column(StringInfo buf, SetColumn *column, ValueReceive *receive)
{
	const char *type = pq_getmsgstring(buf);
	const char *collation = pq_getmsgstring(buf);
	Oid			function;

	set_column_from_name(column, type, collation, NULL);
	getTypeBinaryInputInfo(column->typid, &function, &receive->ioparam);
	fmgr_info(function, &receive->function);
}

PG_FUNCTION_INFO_V1(first_loan_set_recv);
Datum
first_loan_set_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			version = pq_getmsgbyte(buf);
	int			flags;
	bool		has_institution;
	SetLayout	layout;
	SetPeriod	period;
	ValueReceive receive[3];
	FirstLoanSet *set;
	Datum	   *institutions = NULL;
	uint32		ninstitutions = 0;
	int64		n;
	MemoryContext row_context;
	bool		isnull;

	if (version != BINARY_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("binary first_loan_set has format version %d, which this version of first_loan does not read",
						version)));
	flags = pq_getmsgbyte(buf);
	if ((flags & ~BINARY_HAS_INSTITUTION) != 0)
		bad_binary("It has unknown flags.");
	has_institution = (flags & BINARY_HAS_INSTITUTION) != 0;

	memset(&layout, 0, sizeof(layout));
	layout.when_class = pq_getmsgbyte(buf);
	if (layout.when_class < SET_WHEN_DATE || layout.when_class > SET_WHEN_TIMESTAMPTZ)
		bad_binary("Its dates are of an unknown class.");
	memset(&period, 0, sizeof(period));
	period.kind = pq_getmsgbyte(buf);
	period.lower = (int32) pq_getmsgint(buf, 4);
	period.upper = pq_getmsgint64(buf);
	if (period.kind > SET_PERIOD_RANGE)
		bad_binary("Its period is of an unknown kind.");

	receive_column(buf, &layout.borrower, &receive[0]);
	receive_column(buf, &layout.ref, &receive[1]);
	if (has_institution)
		receive_column(buf, &layout.institution, &receive[2]);
	set_layout_complete(&layout, NULL);

	if (has_institution)
	{
		/* each takes at least its length: do not believe more */
		ninstitutions = (uint32) pq_getmsgint(buf, 4);
		if (ninstitutions > (uint32) (buf->len - buf->cursor) / 4)
			bad_binary("It has more institutions than bytes.");
		institutions = palloc_extended((Size) Max(ninstitutions, 1) * sizeof(Datum),
									   MCXT_ALLOC_HUGE);
		for (uint32 i = 0; i < ninstitutions; i++)
		{
			CHECK_FOR_INTERRUPTS();
			institutions[i] = receive_value(buf, &receive[2], &isnull);
			if (isnull)
				bad_binary("An institution of its list is NULL.");
		}
	}

	set = set_create(CurrentMemoryContext, &layout);
	set->period = period;
	n = pq_getmsgint64(buf);
	if (n < 0 || n > buf->len - buf->cursor)
		bad_binary("It has more members than bytes.");
	row_context = AllocSetContextCreate(CurrentMemoryContext, "first_loan_set recv",
										ALLOCSET_DEFAULT_SIZES);
	for (int64 i = 0; i < n; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);
		SetRow		row;

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(row_context);
		memset(&row, 0, sizeof(row));
		row.borrower = receive_value(buf, &receive[0], &isnull);
		if (isnull)
			bad_binary("A borrower is NULL.");
		row.when = pq_getmsgint64(buf);
		if (!when_is_finite(layout.when_class, row.when))
			bad_binary("A date is out of range.");
		row.ref = receive_value(buf, &receive[1], &row.ref_is_null);
		row.institution_is_null = true;
		row.eligible = SET_ELIGIBLE_TRUE;
		if (has_institution)
		{
			uint32		number = (uint32) pq_getmsgint(buf, 4);

			row.institution_is_null = number == SET_NO_INSTITUTION;
			if (!row.institution_is_null)
			{
				if (number >= ninstitutions)
					bad_binary("A member's institution is not in the list.");
				row.institution = institutions[number];
			}
			row.eligible = pq_getmsgbyte(buf);
			if (row.eligible > SET_ELIGIBLE_NULL)
				bad_binary("Eligible is not true, false or NULL.");
		}
		MemoryContextSwitchTo(old);
		set_add(set, &row);
	}
	MemoryContextDelete(row_context);
	pq_getmsgend(buf);
	PG_RETURN_DATUM(EOHPGetRWDatum(&set->hdr));
}

/*
 * Do two sets hold the same members?  The binary form is canonical, so equal
 * sets have equal bytes; sets of different types are different.
 */
static bool
sets_equal(FunctionCallInfo fcinfo)
{
	bytea	   *a = DatumGetByteaPP(DirectFunctionCall1(first_loan_set_send,
														PG_GETARG_DATUM(0)));
	bytea	   *b = DatumGetByteaPP(DirectFunctionCall1(first_loan_set_send,
														PG_GETARG_DATUM(1)));

	return VARSIZE_ANY(a) == VARSIZE_ANY(b) && memcmp(a, b, VARSIZE_ANY(a)) == 0;
}

PG_FUNCTION_INFO_V1(first_loan_set_eq);
Datum
first_loan_set_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(sets_equal(fcinfo));
}

PG_FUNCTION_INFO_V1(first_loan_set_ne);
Datum
first_loan_set_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!sets_equal(fcinfo));
}
