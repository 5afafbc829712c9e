/*
 * monitor_track.c
 *		The trigger function that notes which borrowers a statement touched.
 *
 * It reads the transition tables and writes each distinct value of the column
 * into the table "changes" of the monitor, for the next refresh.  A note may
 * name too many borrowers, never too few: what cannot be told apart is noted.
 * Notes are only ever inserted, and under no unique index, so that writers
 * wait neither for each other nor for a refresh.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "compat.h"

/*
 * Distinct values are held up to so many, then written; a value that comes
 * again later is noted twice, which does no harm.
 */
#define MAX_HELD	100000

typedef struct NotedValue
{
	const char *data;			/* not terminated */
	int			length;
} NotedValue;

typedef struct Note
{
	NotedValue	value;
	uint32		hash;
	char		status;			/* of the slot */
} Note;

#define SH_PREFIX		notes
#define SH_ELEMENT_TYPE	Note
#define SH_KEY_TYPE		NotedValue
#define SH_KEY			value
#define SH_HASH_KEY(table, key) \
	hash_bytes((const unsigned char *) (key).data, (key).length)
#define SH_EQUAL(table, a, b) \
	((a).length == (b).length && memcmp((a).data, (b).data, (a).length) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(table, note) (note)->hash
#define SH_SCOPE		static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct Notes
{
	const char *monitor;
	const char *via;			/* relation to translate by, or NULL */
	Oid			owner;			/* of the table where the notes go */
	AttrNumber	column;
	Oid			type;
	FmgrInfo	out;			/* for a type that is no string */
	MemoryContext context;		/* of the values held */
	MemoryContext row_context;	/* of what one row needs */
	notes_hash *held;
	NotedValue	last;			/* data is NULL if there is none */
} Notes;

PG_FUNCTION_INFO_V1(monitor_note_changes);

/*
 * Writes what is held, or a note of everything, as the owner of "changes": who
 * may change a tracked table need have no rights on the monitor, and nothing
 * that hangs on "changes" runs with the rights of those who write.  That the
 * note may be written has been checked: see may_note().
 */
static void
write_notes(Notes *notes, bool everything)
{
	Oid			types[2] = {TEXTARRAYOID, TEXTOID};
	Datum		values[2];
	char		nulls[2] = {' ', ' '};
	StringInfoData query;
	Oid			user;
	int			context;
	int			result;

	if (!everything && notes->held->members == 0)
		return;

	if (everything)
		nulls[0] = 'n';
	else
	{
		Datum	   *elements = palloc(sizeof(Datum) * notes->held->members);
		int			n = 0;
		notes_iterator it;
		Note	   *note;

		notes_start_iterate(notes->held, &it);
		while ((note = notes_iterate(notes->held, &it)) != NULL)
			elements[n++] = PointerGetDatum(cstring_to_text_with_len(note->value.data,
																	 note->value.length));
		values[0] = PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
	}
	if (notes->via)
		values[1] = CStringGetTextDatum(notes->via);
	else
		nulls[1] = 'n';

	initStringInfo(&query);
	appendStringInfo(&query, "INSERT INTO %s (borrower, via) %s",
					 quote_qualified_identifier(notes->monitor, "changes"),
					 everything ? "SELECT NULL, $2 WHERE $1 IS NULL" :
					 "SELECT x, $2 FROM pg_catalog.unnest($1) x");

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(notes->owner, context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	SPI_connect();
	result = SPI_execute_with_args(query.data, 2, types, values, nulls, false, 0);
	if (result != SPI_OK_INSERT)
		elog(ERROR, "noting changes failed: %s", SPI_result_code_string(result));
	SPI_finish();
	SetUserIdAndSecContext(user, context);
}

/*
 * May this table's changes be noted there?  Anyone can make a trigger on a
 * table of his own.  As with a foreign key, for which the owner of the one table
 * needs REFERENCES on the other, it is the owner of the table who needs INSERT
 * on "changes", not those who write to it; track() grants it.
 */
static void
may_note(Notes *notes, Relation rel, Relation changes)
{
	Oid			owner = rel->rd_rel->relowner;

	if (changes->rd_rel->relkind != RELKIND_RELATION ||
		pg_class_aclcheck(RelationGetRelid(changes), owner, ACL_INSERT) != ACLCHECK_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("changes of table \"%s\" may not be noted for monitor \"%s\"",
						RelationGetRelationName(rel), notes->monitor),
				 errdetail("The owner of the table, \"%s\", needs the right to INSERT into %s.",
						   GetUserNameFromId(owner, false),
						   quote_qualified_identifier(notes->monitor, "changes")),
				 errhint("The owner of the monitor grants it, or calls first_loan.track() again; or drop the trigger.")));
	notes->owner = changes->rd_rel->relowner;
}

static void
reset_notes(Notes *notes)
{
	MemoryContextReset(notes->context);
	notes->held = notes_create(notes->context, 512, NULL);
	notes->last.data = NULL;
}

static void
note_value(Notes *notes, const char *data, int length)
{
	NotedValue	value = {data, length};
	Note	   *note;
	bool		found;

	/* Rows of one borrower often come together. */
	if (notes->last.data && notes->last.length == length &&
		memcmp(notes->last.data, data, length) == 0)
		return;

	if (notes->held->members >= MAX_HELD &&
		notes_lookup(notes->held, value) == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(notes->row_context);

		write_notes(notes, false);
		MemoryContextSwitchTo(old);
		reset_notes(notes);
	}
	note = notes_insert(notes->held, value, &found);
	if (!found)
	{
		char	   *copy = MemoryContextAlloc(notes->context, Max(length, 1));

		memcpy(copy, data, length);
		note->value.data = copy;
	}
	notes->last = note->value;
}

static void
note_row(Notes *notes, TupleTableSlot *slot)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, notes->column, &isnull);
	MemoryContext old;

	/* A row without a borrower takes no part. */
	if (isnull)
		return;

	old = MemoryContextSwitchTo(notes->row_context);
	if (notes->type == TEXTOID || notes->type == VARCHAROID)
	{
		text	   *string = DatumGetTextPP(value);

		note_value(notes, VARDATA_ANY(string), VARSIZE_ANY_EXHDR(string));
	}
	else
	{
		char	   *string = OutputFunctionCall(&notes->out, value);
		int			length = strlen(string);

		/* as a cast to text would */
		if (notes->type == BPCHAROID)
			while (length > 0 && string[length - 1] == ' ')
				length--;
		note_value(notes, string, length);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(notes->row_context);
}

/*
 * Are two rows of one table equal, byte by byte?  Rows that are equal but for
 * how they are stored may differ.
 */
static bool
same_row(TupleTableSlot *a, TupleTableSlot *b)
{
	bool		free_a,
				free_b,
				result;
	MinimalTuple tuple_a = ExecFetchSlotMinimalTuple(a, &free_a);
	MinimalTuple tuple_b = ExecFetchSlotMinimalTuple(b, &free_b);

	result = tuple_a->t_len == tuple_b->t_len &&
		(tuple_a->t_infomask & HEAP_HASNULL) == (tuple_b->t_infomask & HEAP_HASNULL) &&
		HeapTupleHeaderGetNatts(tuple_a) == HeapTupleHeaderGetNatts(tuple_b) &&
		memcmp((char *) tuple_a + SizeofMinimalTupleHeader,
			   (char *) tuple_b + SizeofMinimalTupleHeader,
			   tuple_a->t_len - SizeofMinimalTupleHeader) == 0;
	if (free_a)
		heap_free_minimal_tuple(tuple_a);
	if (free_b)
		heap_free_minimal_tuple(tuple_b);
	return result;
}

/* A reader of a transition table, which other triggers read as well. */
typedef struct Reader
{
	Tuplestorestate *store;
	int			pointer;
	TupleTableSlot *slot;
} Reader;

static void
open_reader(Reader *reader, Tuplestorestate *store, Relation rel)
{
	reader->store = store;
	reader->slot = NULL;
	if (store == NULL)
		return;
	reader->pointer = tuplestore_alloc_read_pointer(store, EXEC_FLAG_REWIND);
	tuplestore_select_read_pointer(store, reader->pointer);
	tuplestore_rescan(store);
	reader->slot = MakeSingleTupleTableSlot(RelationGetDescr(rel), &TTSOpsMinimalTuple);
}

static bool
next_row(Reader *reader)
{
	if (reader->store == NULL)
		return false;
	tuplestore_select_read_pointer(reader->store, reader->pointer);
	return tuplestore_gettupleslot(reader->store, true, false, reader->slot);
}

static void
close_reader(Reader *reader)
{
	if (reader->store)
		ExecDropSingleTupleTableSlot(reader->slot);
}

/*
 * note_changes(monitor, column [, via]): statement trigger, AFTER any event.
 *
 * Notes the values of the column in the rows that were inserted, deleted or
 * really changed; without a column, without transition tables, and for
 * TRUNCATE it notes everything.  Returns NULL, which is not looked at.
 */
Datum
monitor_note_changes(PG_FUNCTION_ARGS)
{
	TriggerData *trigdata = (TriggerData *) fcinfo->context;
	Notes		notes = {0};
	Relation	rel;
	char	  **args;
	int			nargs;
	Oid			schema;
	Oid			relid;
	Relation	changes;
	bool		is_string;
	Oid			function;
	Reader		old_rows,
				new_rows;
	bool		has_old,
				has_new;
	MemoryContext top;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		!TRIGGER_FIRED_AFTER(trigdata->tg_event) ||
		!TRIGGER_FIRED_FOR_STATEMENT(trigdata->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" must be fired by an AFTER trigger FOR EACH STATEMENT",
						"note_changes"),
				 errhint("first_loan.track() makes its triggers.")));

	rel = trigdata->tg_relation;
	args = trigdata->tg_trigger->tgargs;
	nargs = trigdata->tg_trigger->tgnargs;
	if (nargs < 1)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" does not say which monitor to note for",
						trigdata->tg_trigger->tgname),
				 errhint("first_loan.track() makes such triggers.")));

	notes.monitor = args[0];
	notes.via = nargs > 2 ? args[2] : NULL;
	schema = get_namespace_oid(notes.monitor, true);
	relid = OidIsValid(schema) ? get_relname_relid("changes", schema) : InvalidOid;
	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no monitor \"%s\" to note changes of \"%s\" for",
						notes.monitor, RelationGetRelationName(rel)),
				 errhint("If it was removed or renamed, drop the trigger \"%s\", and call first_loan.track() for the new one.",
						 trigdata->tg_trigger->tgname)));
	changes = table_open(relid, RowExclusiveLock);
	may_note(&notes, rel, changes);
	table_close(changes, NoLock);

	top = CurrentMemoryContext;
	notes.row_context = AllocSetContextCreate(top, "first_loan notes, one row",
											  ALLOCSET_DEFAULT_SIZES);
	if (nargs < 2 || TRIGGER_FIRED_BY_TRUNCATE(trigdata->tg_event) ||
		(trigdata->tg_oldtable == NULL && trigdata->tg_newtable == NULL))
	{
		write_notes(&notes, true);
		return PointerGetDatum(NULL);
	}

	notes.column = SPI_fnumber(RelationGetDescr(rel), args[1]);
	if (notes.column <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of \"%s\", tracked by monitor \"%s\", does not exist",
						args[1], RelationGetRelationName(rel), notes.monitor),
				 errhint("If it was renamed, call first_loan.untrack() and track() for the table.")));
	notes.type = getBaseType(TupleDescAttr(RelationGetDescr(rel), notes.column - 1)->atttypid);
	getTypeOutputInfo(notes.type, &function, &is_string);
	fmgr_info(function, &notes.out);
	notes.context = AllocSetContextCreate(top, "first_loan notes", ALLOCSET_DEFAULT_SIZES);
	reset_notes(&notes);

	/*
	 * Equal rows are taken off both tables.  Which rows are compared does not
	 * matter for that: what is left of both is the difference of the two
	 * bags.
	 */
	open_reader(&old_rows, trigdata->tg_oldtable, rel);
	open_reader(&new_rows, trigdata->tg_newtable, rel);
	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		has_old = next_row(&old_rows);
		has_new = next_row(&new_rows);
		if (!has_old && !has_new)
			break;
		if (has_old && has_new && same_row(old_rows.slot, new_rows.slot))
			continue;
		if (has_old)
			note_row(&notes, old_rows.slot);
		if (has_new)
			note_row(&notes, new_rows.slot);
	}
	close_reader(&old_rows);
	close_reader(&new_rows);
	write_notes(&notes, false);

	MemoryContextDelete(notes.context);
	MemoryContextDelete(notes.row_context);
	return PointerGetDatum(NULL);
}
