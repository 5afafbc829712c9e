/*
 * set_layout.c
 *		What the types of borrower, granted_on, ref and institution imply for
 *		the form of a set, and how a stored set names them.
 *
 * A stored set names types and collations by their qualified names: OIDs of
 * user objects mean nothing on another server.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/nbtree.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "first_loan_set.h"

static bool
column_fill(SetColumn *column, Oid typid, Oid collation, Node *escontext)
{
	Oid			base = OidIsValid(typid) ? getBaseType(typid) : UNKNOWNOID;

	/* varchar has no operators of its own: it is text */
	if (base == VARCHAROID)
		base = TEXTOID;

	if (base == UNKNOWNOID || get_typtype(base) == TYPTYPE_PSEUDO)
		ereturn(escontext, false,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("could not determine the type of an argument of a first-loan aggregate"),
				 OidIsValid(typid) ?
				 errdetail("Its type is %s.", format_type_be(typid)) : 0,
				 errhint("Add an explicit type cast.")));

	column->typid = base;
	column->collation = InvalidOid;
	get_typlenbyvalalign(base, &column->typlen, &column->typbyval,
						 &column->typalign);
	if (OidIsValid(get_typcollation(base)))
	{
		if (!OidIsValid(collation))
			ereturn(escontext, false,
					(errcode(ERRCODE_INDETERMINATE_COLLATION),
					 errmsg("could not determine which collation to use for a first-loan aggregate"),
					 errhint("Use the COLLATE clause to set the collation explicitly.")));
		column->collation = collation;
	}
	return true;
}

/*
 * Is equality of this type the equality of its bytes?  The btree operator
 * class tells, by the same support function that allows deduplication.
 */
static bool
column_equality_is_bitwise(const SetColumn *column)
{
	Oid			proc;

	if (!OidIsValid(column->tc->btree_opf))
		return false;
	proc = get_opfamily_proc(column->tc->btree_opf, column->tc->btree_opintype,
							 column->tc->btree_opintype, BTEQUALIMAGE_PROC);
	return OidIsValid(proc) &&
		DatumGetBool(OidFunctionCall1Coll(proc, column->collation,
										  ObjectIdGetDatum(column->tc->btree_opintype)));
}

static bool
column_needs_cmp(SetColumn *column, Node *escontext)
{
	column->tc = lookup_type_cache(column->typid,
								   TYPECACHE_CMP_PROC_FINFO |
								   TYPECACHE_BTREE_OPFAMILY);
	if (!OidIsValid(column->tc->cmp_proc_finfo.fn_oid))
		ereturn(escontext, false,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a comparison function for type %s",
						format_type_be(column->typid)),
				 errhint("The reference and the institution of a borrowing must be of types that sort, for instance text or bigint.")));
	return true;
}

/* Fill in what follows from the types.  False only with a soft error. */
bool
set_layout_complete(SetLayout *layout, Node *escontext)
{
	SetColumn  *borrower = &layout->borrower;

	borrower->tc = lookup_type_cache(borrower->typid,
									 TYPECACHE_HASH_PROC_FINFO |
									 TYPECACHE_HASH_EXTENDED_PROC_FINFO |
									 TYPECACHE_EQ_OPR_FINFO |
									 TYPECACHE_CMP_PROC_FINFO |
									 TYPECACHE_BTREE_OPFAMILY);
	if (!OidIsValid(borrower->tc->hash_proc) ||
		!OidIsValid(borrower->tc->eq_opr_finfo.fn_oid))
		ereturn(escontext, false,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify a hash function for type %s",
						format_type_be(borrower->typid)),
				 errhint("The borrower must be of a type that hashes, for instance uscc, text or bigint.")));

	layout->key_class = SET_KEY_GENERIC;
	if (column_equality_is_bitwise(borrower))
	{
		if (borrower->typlen > 0 && borrower->typlen <= 16)
			layout->key_class = SET_KEY_FIXED;
		else if (borrower->typid == TEXTOID)
			layout->key_class = SET_KEY_TEXT;
	}

	if (!column_needs_cmp(&layout->ref, escontext))
		return false;
	switch (layout->ref.typid)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case DATEOID:
		case TIMEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			layout->ref_class = SET_REF_INT;
			break;
		default:
			layout->ref_class = SET_REF_GENERIC;
	}

	if (OidIsValid(layout->institution.typid) &&
		!column_needs_cmp(&layout->institution, escontext))
		return false;
	return true;
}

/* Can there be narrow entries in a set of these types? */
bool
set_layout_may_be_narrow(const SetLayout *layout)
{
#ifdef WORDS_BIGENDIAN
	/* the last bytes of a key of 12 are the high half of a word there */
	return false;
#else
	return layout->when_class == SET_WHEN_DATE && layout->ref_class == SET_REF_INT &&
		(layout->key_class == SET_KEY_TEXT ||
		 (layout->key_class == SET_KEY_FIXED && layout->borrower.typlen <= 12));
#endif
}

/*
 * Layout for the argument types of an aggregate.  InvalidOid for institution
 * means a set without institutions.
 */
void
set_layout_init(SetLayout *layout, Oid borrower, Oid granted_on, Oid ref,
				Oid institution, Oid collation)
{
	memset(layout, 0, sizeof(SetLayout));
	column_fill(&layout->borrower, borrower, collation, NULL);
	column_fill(&layout->ref, ref, collation, NULL);
	if (OidIsValid(institution))
		column_fill(&layout->institution, institution, collation, NULL);
	switch (getBaseType(granted_on))
	{
		case DATEOID:
			layout->when_class = SET_WHEN_DATE;
			break;
		case TIMESTAMPOID:
			layout->when_class = SET_WHEN_TIMESTAMP;
			break;
		case TIMESTAMPTZOID:
			layout->when_class = SET_WHEN_TIMESTAMPTZ;
			break;
		default:
			elog(ERROR, "unexpected type of granted_on: %u", granted_on);
	}
	set_layout_complete(layout, NULL);
}

static const char *
when_name(SetWhenClass when_class)
{
	switch (when_class)
	{
		case SET_WHEN_DATE:
			return "date";
		case SET_WHEN_TIMESTAMP:
			return "timestamp";
		case SET_WHEN_TIMESTAMPTZ:
			return "timestamptz";
	}
	return NULL;
}

static void
check_same_type(const char *what, const SetColumn *a, const SetColumn *b)
{
	if (a->typid != b->typid)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("cannot merge first-loan sets of different types"),
				 errdetail("The %s is %s in one and %s in the other.", what,
						   OidIsValid(a->typid) ? format_type_be(a->typid) : "absent",
						   OidIsValid(b->typid) ? format_type_be(b->typid) : "absent"),
				 errhint("Cast the arguments of the aggregates that make the sets to the same types.")));
	if (a->collation != b->collation)
		ereport(ERROR,
				(errcode(ERRCODE_COLLATION_MISMATCH),
				 errmsg("cannot merge first-loan sets of different collations"),
				 errdetail("The collation of the %s is \"%s\" in one and \"%s\" in the other.",
						   what, get_collation_name(a->collation),
						   get_collation_name(b->collation))));
}

void
set_layout_check_same(const SetLayout *a, const SetLayout *b)
{
	check_same_type("borrower", &a->borrower, &b->borrower);
	check_same_type("reference", &a->ref, &b->ref);
	check_same_type("institution", &a->institution, &b->institution);
	if (a->when_class != b->when_class)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("cannot merge first-loan sets of different types"),
				 errdetail("The granting is a %s in one and a %s in the other.",
						   when_name(a->when_class), when_name(b->when_class)),
				 errhint("Cast the arguments of the aggregates that make the sets to the same types.")));
}

/* Qualified name of a collation. */
char *
set_collation_name(Oid collation)
{
	HeapTuple	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
	Form_pg_collation form;
	char	   *result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for collation %u", collation);
	form = (Form_pg_collation) GETSTRUCT(tuple);
	result = quote_qualified_identifier(get_namespace_name(form->collnamespace),
										NameStr(form->collname));
	ReleaseSysCache(tuple);
	return result;
}

static void
append_column_names(StringInfo buf, const SetColumn *column)
{
	if (OidIsValid(column->typid))
		appendStringInfoString(buf,
							   format_type_extended(column->typid, -1,
													FORMAT_TYPE_FORCE_QUALIFY));
	appendStringInfoChar(buf, '\0');
	if (OidIsValid(column->collation))
		appendStringInfoString(buf, set_collation_name(column->collation));
	appendStringInfoChar(buf, '\0');
}

/*
 * The names of types and collations: six strings, each with its end, in the
 * order borrower, ref, institution.
 */
char *
set_layout_names(const SetLayout *layout, Size *size)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_column_names(&buf, &layout->borrower);
	append_column_names(&buf, &layout->ref);
	append_column_names(&buf, &layout->institution);
	*size = buf.len;
	return buf.data;
}

/* A column from names that came from outside. */
bool
set_column_from_name(SetColumn *column, const char *type,
					 const char *collation, Node *escontext)
{
	Oid			typid = InvalidOid;
	Oid			collid = InvalidOid;
	int32		typmod;

	memset(column, 0, sizeof(SetColumn));
#if PG_VERSION_NUM >= 160000
	if (!parseTypeString(type, &typid, &typmod, escontext))
		return false;
#else
	parseTypeString(type, &typid, &typmod, false);
#endif
	if (collation[0] != '\0')
	{
		List	   *names;

#if PG_VERSION_NUM >= 160000
		names = stringToQualifiedNameList(collation, escontext);
		if (names == NIL)
			return false;
#else
		names = stringToQualifiedNameList(collation);
#endif
		collid = get_collation_oid(names, true);
		if (!OidIsValid(collid))
			ereturn(escontext, false,
					(errcode(ERRCODE_UNDEFINED_OBJECT),
					 errmsg("collation \"%s\" of a first-loan set does not exist here",
							collation)));
	}
	return column_fill(column, typid, collid, escontext);
}

/* The reverse of set_layout_names(); nothing is believed of the bytes. */
bool
set_layout_from_names(SetLayout *layout, SetWhenClass when_class,
					  const char *names, Size size, Node *escontext)
{
	const char *string[6];
	const char *end = names + size;

	for (int i = 0; i < 6; i++)
	{
		const char *nul = names < end ? memchr(names, '\0', end - names) : NULL;

		if (nul == NULL)
			ereturn(escontext, false,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("first-loan set is damaged: names of types are cut off")));
		string[i] = names;
		names = nul + 1;
	}

	memset(layout, 0, sizeof(SetLayout));
	layout->when_class = when_class;
	if (!set_column_from_name(&layout->borrower, string[0], string[1], escontext) ||
		!set_column_from_name(&layout->ref, string[2], string[3], escontext))
		return false;
	if (string[4][0] != '\0' &&
		!set_column_from_name(&layout->institution, string[4], string[5], escontext))
		return false;
	return set_layout_complete(layout, escontext);
}
