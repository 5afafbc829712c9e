/*
 * report_fuzz.c
 *		libFuzzer inside a backend, on all that reads a credit report.
 *
 * It is linked into a library of the extension that is built with clang's
 * AddressSanitizer, and runs in a single-user server (test/checks/fuzz), so
 * that core's own parsers stand in front as they do in use.  The first byte
 * of an input says which way in it takes:
 *
 *	T	text form, credit_report_in
 *	B	binary form, credit_report_recv
 *	S	bytes of a stored value, or of an aggregate's state
 *	J	document in JSON, cast from jsonb
 *	X	document in XML, cast from xml
 *	D	bytes that choose a document, which goes in both as JSON and as XML
 *
 * A finding is a crash, a report of the sanitizer, an internal error, a value
 * that is another after it went out and in again, whose header says anything
 * but what its accounts do, or that merged with itself is not itself; and a
 * document that gives one value as JSON and another as XML.
 */
#include "postgres.h"

#include <sanitizer/asan_interface.h>

#include "access/toast_internals.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/xml.h"

#include "../../src/credit_report.h"

PG_FUNCTION_INFO_V1(report_fuzz);

extern int	LLVMFuzzerRunDriver(int *argc, char ***argv,
								int (*callback) (const uint8_t *data, size_t size));

static MemoryContext input_context;
static FmgrInfo report_in;
static FmgrInfo report_out;
static FmgrInfo report_recv;
static FmgrInfo report_send;
static FmgrInfo from_jsonb;
static FmgrInfo from_xml;
static Oid	report_type;
static SPIPlanPtr merge_plan;
static SPIPlanPtr read_plan;

/*
 * Memory: blocks of exactly the size that is used, where the sanitizer sees
 * what is read or written beyond their end.  Blocks that a function of the
 * extension is given come from malloc; those that it allocates itself, by way
 * of the linker's --wrap, have a zone behind them that nothing may touch.
 */
#define ZONE 32

typedef struct Zone
{
	char	   *block;
	Size		size;
} Zone;

static Zone given[64];
static int	ngiven;
static Zone *zones;
static int	nzones;
static int	maxzones;
static bool zoned;				/* inside a call that is watched */

extern void *__real_palloc(Size size);
extern void *__real_palloc0(Size size);
extern void *__real_palloc_extended(Size size, int flags);
extern void *__real_repalloc(void *block, Size size);
extern void *__real_repalloc_huge(void *block, Size size);
extern void __real_pfree(void *block);

static void
close_zone(void *block, Size size)
{
	if (block == NULL || !zoned)
		return;
	ASAN_UNPOISON_MEMORY_REGION(block, size);
	if (nzones == maxzones)
	{
		maxzones = Max(1024, 2 * maxzones);
		zones = realloc(zones, maxzones * sizeof(Zone));
	}
	zones[nzones].block = block;
	zones[nzones++].size = size;
	ASAN_POISON_MEMORY_REGION((char *) block + size, ZONE);
}

static void
open_zone(void *block)
{
	for (int i = nzones - 1; i >= 0; i--)
	{
		if (zones[i].block == block)
		{
			ASAN_UNPOISON_MEMORY_REGION(zones[i].block + zones[i].size, ZONE);
			zones[i] = zones[--nzones];
			return;
		}
	}
}

static void
open_zones(void)
{
	for (int i = 0; i < nzones; i++)
		ASAN_UNPOISON_MEMORY_REGION(zones[i].block + zones[i].size, ZONE);
	nzones = 0;
	zoned = false;
}

void *
__wrap_palloc(Size size)
{
	void	   *block = __real_palloc(size + ZONE);

	close_zone(block, size);
	return block;
}

void *
__wrap_palloc0(Size size)
{
	void	   *block = __real_palloc0(size + ZONE);

	close_zone(block, size);
	return block;
}

void *
__wrap_palloc_extended(Size size, int flags)
{
	void	   *block = __real_palloc_extended(size + ZONE, flags);

	close_zone(block, size);
	return block;
}

void *
__wrap_repalloc(void *block, Size size)
{
	open_zone(block);
	block = __real_repalloc(block, size + ZONE);
	close_zone(block, size);
	return block;
}

void *
__wrap_repalloc_huge(void *block, Size size)
{
	open_zone(block);
	block = __real_repalloc_huge(block, size + ZONE);
	close_zone(block, size);
	return block;
}

void
__wrap_pfree(void *block)
{
	open_zone(block);
	__real_pfree(block);
}

static void *
give(const void *data, Size size)
{
	char	   *copy = malloc(size + ZONE);

	if (copy == NULL || ngiven == lengthof(given))
		abort();
	memcpy(copy, data, size);
	ASAN_POISON_MEMORY_REGION(copy + size, ZONE);
	given[ngiven].block = copy;
	given[ngiven++].size = size;
	return copy;
}

static Datum
give_varlena(Datum value)
{
	return PointerGetDatum(give(DatumGetPointer(value),
								VARSIZE_ANY(DatumGetPointer(value))));
}

/* An error jumped over frames, whose variables are still fenced in. */
#define FRAMES (2 * 1024 * 1024)

static void
forget_frames(void)
{
	char		here;

	ASAN_UNPOISON_MEMORY_REGION(&here - FRAMES, FRAMES - 256);
}

static void finding(const char *what, const char *more) __attribute__((noreturn));

static void
finding(const char *what, const char *more)
{
	fprintf(stderr, "FINDING: %s: %s\n", what, more);
	abort();
}

/*
 * A step, whose errors are judged.  Returns its SQLSTATE, 0 if it went well.
 */
typedef void (*Step) (void *argument);

static int
run_step(Step step, void *argument)
{
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;
	int			sqlstate = 0;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(input_context);
	PG_TRY();
	{
		zoned = true;
		step(argument);
	}
	PG_CATCH();
	{
		forget_frames();
		open_zones();
		MemoryContextSwitchTo(input_context);
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	open_zones();
	RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(input_context);
	CurrentResourceOwner = owner;

	if (error != NULL)
	{
		ErrorData  *e = (ErrorData *) error;

		sqlstate = e->sqlerrcode;
		if (sqlstate == ERRCODE_INTERNAL_ERROR ||
			sqlstate == ERRCODE_OUT_OF_MEMORY)
			finding("internal error", e->message);
		/* our messages are text; libxml's, which core shows, may be cut short */
		if (e->filename == NULL || strstr(e->filename, "credit_report") == NULL)
			return sqlstate;
		if (!pg_verifymbstr(e->message, strlen(e->message), true) ||
			(e->detail != NULL &&
			 !pg_verifymbstr(e->detail, strlen(e->detail), true)) ||
			(e->hint != NULL &&
			 !pg_verifymbstr(e->hint, strlen(e->hint), true)))
			finding("message that is no text", e->message);
	}
	return sqlstate;
}

/* The same, where an error must not be. */
static void
must(const char *what, Step step, void *argument)
{
	int			sqlstate = run_step(step, argument);

	if (sqlstate != 0)
		finding(what, unpack_sql_state(sqlstate));
}

/*
 * What must hold of every value
 */
static void
same(const char *what, Datum a, Datum b)
{
	if (!datumIsEqual(a, b, false, -1))
		finding(what, OutputFunctionCall(&report_out, a));
}

static void
check_text(void *argument)
{
	Datum		value = *(Datum *) argument;
	char	   *text = OutputFunctionCall(&report_out, value);

	text = give(text, strlen(text) + 1);
	same("text form", value, InputFunctionCall(&report_in, text, InvalidOid, -1));
}

static void
check_binary(void *argument)
{
	Datum		value = *(Datum *) argument;
	bytea	   *sent = SendFunctionCall(&report_send, value);
	StringInfoData buf;

	memset(&buf, 0, sizeof(buf));
	buf.len = VARSIZE(sent) - VARHDRSZ;
	buf.maxlen = buf.len + 1;
	buf.data = give(VARDATA(sent), buf.len);
	same("binary form", value,
		 ReceiveFunctionCall(&report_recv, &buf, InvalidOid, -1));
	if (buf.cursor != buf.len)
		finding("binary form", "not read to its end");
}

static bool
same_findings(const ReportFindings *a, const ReportFindings *b)
{
	return a->disputed == b->disputed &&
		a->undated_counted == b->undated_counted &&
		a->undated_unknown == b->undated_unknown &&
		a->ambiguous == b->ambiguous &&
		a->merged == b->merged &&
		a->report_day == b->report_day &&
		a->first_counted == b->first_counted &&
		a->policy_kinds == b->policy_kinds;
}

/* Of merged reports the header has what all of them come to. */
static void
find_merged(const Report *report, ReportFindings *found)
{
	memset(found, 0, sizeof(*found));
	found->merged = true;
	found->disputed = true;
	for (uint32 i = 0; i < report->nmerged; i++)
	{
		ReportFindings single;

		report_find(&report->merged[i], &report_default_policy, &single);
		found->disputed = found->disputed && single.disputed;
		found->report_day = Max(found->report_day, single.report_day);
		if (single.first_counted > 0 &&
			(found->first_counted == 0 ||
			 single.first_counted < found->first_counted))
			found->first_counted = single.first_counted;
	}
}

/* Those that are not findings of merged reports stand in the report alone. */
static void
read_header(Datum value, ReportFindings *findings)
{
	Report		report;

	report_header(value, &report, findings);
	findings->report_day = report.report_day;
	findings->disputed = report.disputed;
}

/* The header says what the accounts do; also in a compressed value. */
static void
check_header(void *argument)
{
	Datum		value = *(Datum *) argument;
	Datum		compressed;
	Report		report;
	ReportFindings header;
	ReportFindings found;
	ReportAnswer answer;

	report_load(value, &report);
	if (report.nmerged > 0)
		find_merged(&report, &found);
	else
		report_find(&report, &report_default_policy, &found);
	read_header(value, &header);
	if (!same_findings(&header, &found))
		finding("header", OutputFunctionCall(&report_out, value));
	if (report_quick_answer(value, &answer) != (report.nmerged == 0) ||
		(report.nmerged == 0 && answer != report_never_borrowed(&found)))
		finding("quick answer", OutputFunctionCall(&report_out, value));
#if PG_VERSION_NUM >= 140000
	compressed = toast_compress_datum(value, TOAST_PGLZ_COMPRESSION);
#else
	compressed = toast_compress_datum(value);
#endif
	if (compressed != (Datum) 0)
	{
		read_header(give_varlena(compressed), &header);
		if (!same_findings(&header, &found))
			finding("header, compressed", OutputFunctionCall(&report_out, value));
	}
}

/* By SQL, without zones: those would outlive the executor's memory. */
static void
execute(SPIPlanPtr plan, Datum value)
{
	zoned = false;
	SPI_connect();
	if (SPI_execute_plan(plan, &value, NULL, true, 0) < 0)
		finding("SPI", "no result");
}

static void
check_read(void *argument)
{
	execute(read_plan, *(Datum *) argument);
	SPI_finish();
}

static void
check_merge(void *argument)
{
	bool		isnull;

	execute(merge_plan, *(Datum *) argument);
	if (!DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
									1, &isnull)) || isnull)
		finding("merged with itself",
				SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2));
	SPI_finish();
}

static void
check_value(Datum value)
{
	must("text form", check_text, &value);
	must("binary form", check_binary, &value);
	must("header", check_header, &value);
	must("reading", check_read, &value);
	must("merging", check_merge, &value);
}

/*
 * The ways in.  value is made in memory that outlives the step.
 */
typedef struct Input
{
	const char *data;
	Size		size;
	bool		xml;			/* of a document that is both */
	Datum		value;
} Input;

static char *
text_of(Input *input)
{
	char	   *text = palloc(input->size + 1);

	memcpy(text, input->data, input->size);
	text[input->size] = '\0';
	/* what reaches an input function has been verified */
	if (!pg_verifymbstr(text, strlen(text), true))
		ereport(ERROR,
				(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
				 errmsg("no text")));
	return give(text, strlen(text) + 1);
}

static void
enter_text(void *argument)
{
	Input	   *input = argument;

	input->value = InputFunctionCall(&report_in, text_of(input), InvalidOid, -1);
	input->value = give_varlena(input->value);
}

static void
enter_binary(void *argument)
{
	Input	   *input = argument;
	StringInfoData buf;

	memset(&buf, 0, sizeof(buf));
	buf.data = give(input->data, input->size);
	buf.len = input->size;
	buf.maxlen = input->size + 1;
	input->value = ReceiveFunctionCall(&report_recv, &buf, InvalidOid, -1);
	input->value = give_varlena(input->value);
}

static void
enter_document(void *argument)
{
	Input	   *input = argument;
	FmgrInfo   *cast = input->xml ? &from_xml : &from_jsonb;
	Datum		document;

	if (cast->fn_oid == InvalidOid)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("no cast")));
	zoned = false;
	document = OidInputFunctionCall(input->xml ? F_XML_IN : F_JSONB_IN,
									text_of(input), InvalidOid, -1);
	document = give_varlena(document);
	zoned = true;
	input->value = FunctionCall1(cast, document);
	input->value = give_varlena(input->value);
}

/*
 * Stored bytes: each function on its own, for the first error ends a step.
 */
static void
stored_out(void *argument)
{
	OutputFunctionCall(&report_out, *(Datum *) argument);
}

static void
stored_send(void *argument)
{
	SendFunctionCall(&report_send, *(Datum *) argument);
}

static void
stored_header(void *argument)
{
	Report		report;
	ReportFindings findings;
	ReportAnswer answer;

	report_quick_answer(*(Datum *) argument, &answer);
	report_header(*(Datum *) argument, &report, &findings);
}

static void
stored_merge(void *argument)
{
	execute(merge_plan, *(Datum *) argument);
	SPI_finish();
}

static void
enter_stored(const Input *input)
{
	static const Step steps[] = {
		stored_out, stored_send, stored_header, check_read, stored_merge
	};
	char	   *block = palloc(VARHDRSZ + input->size);
	Datum		value;

	memcpy(block + VARHDRSZ, input->data, input->size);
	SET_VARSIZE(block, VARHDRSZ + input->size);
	value = give_varlena(PointerGetDatum(block));
	for (int i = 0; i < lengthof(steps); i++)
		run_step(steps[i], &value);

	if (input->size + VARHDRSZ_SHORT > VARATT_SHORT_MAX)
		return;
	SET_VARSIZE_SHORT(block + VARHDRSZ - VARHDRSZ_SHORT,
					  input->size + VARHDRSZ_SHORT);
	value = give_varlena(PointerGetDatum(block + VARHDRSZ - VARHDRSZ_SHORT));
	for (int i = 0; i < lengthof(steps); i++)
		run_step(steps[i], &value);
}

/*
 * A document that the input's bytes choose: well-formed, of known elements
 * mostly, the same in JSON and in XML.
 */
typedef struct Choice
{
	const unsigned char *next;
	const unsigned char *end;
	StringInfoData json;
	StringInfoData xml;
} Choice;

typedef struct FuzzSegment
{
	const char *name;			/* one that ends in H is repeated */
	const char *fields[10];
} FuzzSegment;

typedef struct FuzzUnit
{
	const char *group;
	const char *name;
	int			most;			/* how often it stands there */
	FuzzSegment segments[3];
} FuzzUnit;

static const FuzzUnit fuzz_units[] = {
	{"EAA", "EA01", 1, {
		{"EA01A", {"EA01AI01", "EA01AR01"}},
		{"EA01CH", {"EA01CD01", "EA01CI01"}},
		{"EA01D", {"EA01DS01"}},
	}},
	{"EBA", "EB01", 2, {
		{"EB01A", {"EB01AR01", "EB01AR02", "EB01AS01", "EB01AS02"}},
	}},
	{"EBB", "EB02", 2, {
		{"EB02A", {"EB02AS01", "EB02AJ01", "EB02AS02", "EB02AS03"}},
		{"EB02AH", {"EB02AD01", "EB02AD02", "EB02AS04", "EB02AJ06"}},
		{"EB02BH", {"EB02BD01", "EB02BD02", "EB02BS04"}},
	}},
	{"EBC", "EB03", 2, {
		{"EB03AH", {"EB03AD01", "EB03AD02", "EB03AS02", "EB03AJ01"}},
		{"EB03BH", {"EB03BD01", "EB03BS02"}},
	}},
	{"EBE", "EB05", 2, {{"EB05A", {"EB05AS01"}}}},
	{"EDA", "ED01", 4, {
		{"ED01A", {"ED01AI01", "ED01AD01", "ED01AD02", "ED01AD05", "ED01AR01",
		"ED01AJ01", "ED01AR03", "ED01AD08", "ED01AD09"}},
		{"ED01BH", {"ED01BR01", "ED01BJ01", "ED01BJ02"}},
	}},
	{"EDA", "ED02", 3, {
		{"ED02A", {"ED020I01", "ED020D01", "ED020S01", "ED020J01", "ED020S02"}},
	}},
	{"EDB", "ED04", 2, {{"ED04A", {"ED04AI01", "ED04AD01", "ED04AR01"}}}},
	{"EDB", "ED05", 2, {{"ED05A", {"ED050D01", "ED050S01", "ED050J01"}}}},
	{"EDC", "ED06", 2, {{"ED06A", {"ED06AI01", "ED06AR01"}}}},
	{"PRH", "PA01", 1, {
		{"PA01A", {"PA01AI01", "PA01AR01"}},
		{"PA01B", {"PA01BI01"}},
		{"PA01E", {"PA01ES01"}},
	}},
	{"PDA", "PD01", 4, {
		{"PD01A", {"PD01AI01", "PD01AD01", "PD01AD03", "PD01AR01", "PD01AJ01"}},
		{"PD01B", {"PD01BD01", "PD01BR01", "PD01BJ01"}},
	}},
};

static const char *const fuzz_values[] = {
	"2024-05-31", "2024-05-31T09:30:00", "2019-03-02 00:00:00", "20180102",
	"2017", "2016-02", "1900-01-01", "9999-12-31", "2023-02-29", "", "--", " ",
	"0", "1", "2", "3", "4", "9", "63", "2147483648", "10", "11", "12", "13", "14",
	"15", "16", "21", "31", "41", "51", "52", "71", "D1", "D2", "R1", "R4", "C1",
	"A1", "A2", "A3", "-1", "1.00", "0.00", "1e3", "\xe5\x80\x9f\xe6\xac\xbe",
	"<&\"'>]]>", "91350500MA00000001"
};

static int
choose(Choice *choice, int n)
{
	return choice->next < choice->end ? *choice->next++ % n : 0;
}

static void
put_value(Choice *choice)
{
	const char *value;
	char		own[4];
	int			n = choose(choice, lengthof(fuzz_values) + 4);

	if (n < lengthof(fuzz_values))
		value = fuzz_values[n];
	else
	{
		n -= lengthof(fuzz_values);
		for (int i = 0; i < n; i++)
			own[i] = ' ' + choose(choice, 95);
		own[n] = '\0';
		value = own;
	}
	escape_json(&choice->json, value);
	appendStringInfoString(&choice->xml, escape_xml(value));
}

/* Opens an element n times: an array, or an object where it is one. */
typedef void (*PutMembers) (Choice *choice, const void *what);

static void
put_elements(Choice *choice, const char *name, int n, bool *first,
			 PutMembers members, const void *what)
{
	bool		list = n != 1 || choose(choice, 2) == 1;

	appendStringInfo(&choice->json, "%s\"%s\": %s", *first ? "" : ", ", name,
					 list ? "[" : "");
	*first = false;
	for (int i = 0; i < n; i++)
	{
		appendStringInfoString(&choice->json, i > 0 ? ", {" : "{");
		appendStringInfo(&choice->xml, "<%s>", name);
		members(choice, what);
		appendStringInfoChar(&choice->json, '}');
		appendStringInfo(&choice->xml, "</%s>", name);
	}
	if (list)
		appendStringInfoChar(&choice->json, ']');
}

static void
put_fields(Choice *choice, const void *what)
{
	const FuzzSegment *segment = what;
	bool		first = true;

	for (int i = 0; i < lengthof(segment->fields); i++)
	{
		const char *field = segment->fields[i];

		if (field == NULL || choose(choice, 4) == 3)
			continue;
		appendStringInfo(&choice->json, "%s\"%s\": ", first ? "" : ", ", field);
		appendStringInfo(&choice->xml, "<%s>", field);
		put_value(choice);
		appendStringInfo(&choice->xml, "</%s>", field);
		first = false;
	}
}

static void
put_segments(Choice *choice, const void *what)
{
	const FuzzUnit *unit = what;
	bool		first = true;

	for (int i = 0; i < lengthof(unit->segments); i++)
	{
		const FuzzSegment *segment = &unit->segments[i];
		int			n;

		if (segment->name == NULL)
			continue;
		n = segment->name[strlen(segment->name) - 1] == 'H' ?
			choose(choice, 3) : choose(choice, 8) < 7;
		put_elements(choice, segment->name, n, &first, put_fields, segment);
	}
}

static void
put_units(Choice *choice, const void *what)
{
	const char *group = what;
	bool		first = true;

	for (int i = 0; i < lengthof(fuzz_units); i++)
	{
		const FuzzUnit *unit = &fuzz_units[i];
		int			n;

		if (strcmp(unit->group, group) != 0)
			continue;
		n = unit->most > 1 ? choose(choice, unit->most + 1) : 1;
		put_elements(choice, unit->name, n, &first, put_segments, unit);
	}
}

/* Most have the units of an enterprise alone. */
static void
put_document(Choice *choice)
{
	const char *group = "";
	int			subject = choose(choice, 16);
	bool		first = true;

	appendStringInfoString(&choice->json, "{\"Document\": {");
	appendStringInfoString(&choice->xml, "<Document>");
	for (int i = 0; i < lengthof(fuzz_units); i++)
	{
		const FuzzUnit *unit = &fuzz_units[i];

		if (strcmp(unit->group, group) == 0 ||
			(unit->group[0] == 'E' && subject >= 13) ||
			(unit->group[0] == 'P' && subject < 12))
			continue;
		group = unit->group;
		put_elements(choice, group, 1, &first, put_units, group);
	}
	appendStringInfoString(&choice->json, "}}");
	appendStringInfoString(&choice->xml, "</Document>");
}

static void
enter_both(const Input *bytes)
{
	Choice		choice;
	Input		json = {0};
	Input		xml = {0};
	int			json_state;
	int			xml_state;

	choice.next = (const unsigned char *) bytes->data;
	choice.end = choice.next + bytes->size;
	initStringInfo(&choice.json);
	initStringInfo(&choice.xml);
	put_document(&choice);
	json.data = choice.json.data;
	json.size = choice.json.len;
	xml.data = choice.xml.data;
	xml.size = choice.xml.len;
	xml.xml = true;
	json_state = run_step(enter_document, &json);
	if (json_state == 0)
		check_value(json.value);
	if (from_xml.fn_oid == InvalidOid)
		return;
	xml_state = run_step(enter_document, &xml);
	if ((json_state == 0) != (xml_state == 0))
		finding("JSON and XML differ in error", choice.json.data);
	if (json_state == 0 && !datumIsEqual(json.value, xml.value, false, -1))
		finding("JSON and XML differ in value", choice.json.data);
}

static int
one_input(const uint8_t *data, size_t size)
{
	Input		input = {0};
	Step		step = NULL;

	if (size == 0)
		return 0;
	input.data = (const char *) data + 1;
	input.size = size - 1;
	MemoryContextSwitchTo(input_context);
	switch (data[0])
	{
		case 'T':
			step = enter_text;
			break;
		case 'B':
			step = enter_binary;
			break;
		case 'X':
			input.xml = true;
			/* FALLTHROUGH */
		case 'J':
			step = enter_document;
			break;
		case 'S':
			enter_stored(&input);
			break;
		case 'D':
			enter_both(&input);
			break;
	}
	if (step != NULL && run_step(step, &input) == 0)
		check_value(input.value);

	for (int i = 0; i < ngiven; i++)
	{
		ASAN_UNPOISON_MEMORY_REGION(given[i].block + given[i].size, ZONE);
		free(given[i].block);
	}
	ngiven = 0;
	MemoryContextReset(input_context);
	return 0;
}

/*
 * report_fuzz(VARIADIC text[]): runs libFuzzer with these arguments.  Does not
 * return: libFuzzer ends the process.
 */
static Oid
find_function(const char *signature)
{
	return DatumGetObjectId(DirectFunctionCall1(to_regprocedure,
												CStringGetTextDatum(signature)));
}

static SPIPlanPtr
prepare(const char *query)
{
	SPIPlanPtr	plan = SPI_prepare(query, 1, &report_type);

	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "cannot prepare: %s", query);
	return plan;
}

Datum
report_fuzz(PG_FUNCTION_ARGS)
{
	ArrayType  *words = PG_GETARG_ARRAYTYPE_P(0);
	Datum	   *elems;
	int			nelems;
	int			argc = 1;
	char	  **argv;
	Oid			function;
	Oid			param;

	input_context = AllocSetContextCreate(TopMemoryContext, "fuzz input",
										  ALLOCSET_DEFAULT_SIZES);
	deconstruct_array(words, TEXTOID, -1, false, TYPALIGN_INT, &elems, NULL,
					  &nelems);
	argv = MemoryContextAllocZero(TopMemoryContext,
								  (nelems + 2) * sizeof(char *));
	argv[0] = "report_fuzz";
	for (int i = 0; i < nelems; i++)
		argv[argc++] = MemoryContextStrdup(TopMemoryContext,
										   TextDatumGetCString(elems[i]));

	report_type = DatumGetObjectId(DirectFunctionCall1(to_regtype,
													   CStringGetTextDatum("first_loan.credit_report")));
	getTypeInputInfo(report_type, &function, &param);
	fmgr_info_cxt(function, &report_in, TopMemoryContext);
	getTypeBinaryInputInfo(report_type, &function, &param);
	fmgr_info_cxt(function, &report_recv, TopMemoryContext);
	fmgr_info_cxt(find_function("first_loan.credit_report_out(first_loan.credit_report)"),
				  &report_out, TopMemoryContext);
	fmgr_info_cxt(find_function("first_loan.credit_report_send(first_loan.credit_report)"),
				  &report_send, TopMemoryContext);
	fmgr_info_cxt(find_function("first_loan.credit_report(jsonb)"),
				  &from_jsonb, TopMemoryContext);
#ifdef USE_LIBXML
	fmgr_info_cxt(find_function("first_loan.credit_report(xml)"),
				  &from_xml, TopMemoryContext);
#endif
	SPI_connect();
	merge_plan = prepare("SELECT first_loan.merge(r) = $1, first_loan.merge(r) FROM (VALUES ($1), ($1)) v(r)");
	read_plan = prepare("SELECT first_loan.never_borrowed($1), first_loan.first_borrowed_on($1),"
						" first_loan.never_borrowed($1, '2019-03-02'), first_loan.never_borrowed($1, '2024-06-01', 1, false, false, false, true, true),"
						" first_loan.never_borrowed($1, '2024-06-01', codes => '{\"enterprise\": {\"33\": true}, \"person\": {\"51\": null}, \"class\": {\"R4\": true}}'),"
						" first_loan.report_date($1), first_loan.is_disputed($1), $1 = $1 AND NOT $1 < $1,"
						" (SELECT count(*) FROM first_loan.accounts($1)), (SELECT count(*) FROM first_loan.credit_report_evidence($1)),"
						" (SELECT count(*) FROM first_loan.credit_report_evidence($1, '2024-06-01')), (SELECT count(*) FROM first_loan.credit_report_warnings($1)),"
						" first_loan.first_loan_verdict('2024-05-31', $1)");
	SPI_finish();

	LLVMFuzzerRunDriver(&argc, &argv, one_input);
	PG_RETURN_NULL();
}
