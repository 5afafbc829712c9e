/*
 * uscc.c
 *		The type uscc: the unified social credit code of GB 32100-2015.
 *
 * A well-formed code with a wrong check character is a value: codes of the
 * early pilot areas are lawful and fail the check, and a household must not be
 * dropped for it.  has_valid_check() and uscc_problem() tell.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/sortsupport.h"

#include "uscc.h"
#include "words.h"

#define uscc_memcmp(a, b)	memcmp((a)->bytes, (b)->bytes, USCC_SIZE)

/* The letters left out by the standard, and what they are mistaken for. */
static const char left_out[] = "IOSVZ";
static const char meant[] = "105U2";

/*
 * Read a code: blanks around it and lower case do not matter.
 */
static bool
uscc_read(const char *s, int len, Uscc *result)
{
	Span		span;
	char		upper[USCC_LENGTH] = {0};

	/* nearly always it is written as it should be */
	if (uscc_pack(s, len, result->bytes))
		return true;

	span = span_utf8(s, len);
	if (span.len != USCC_LENGTH)
		return false;
	for (int i = 0; i < USCC_LENGTH; i++)
		upper[i] = ascii_upper(span.s[i]);
	return uscc_pack(upper, USCC_LENGTH, result->bytes);
}

/*
 * What is wrong with a text that uscc_read() refuses, in words; and a hint, or
 * NULL.  Places count characters of the code from 1.
 */
static char *
uscc_fault(const char *s, int len, char **hint)
{
	Span		span = span_utf8(s, len);
	const char *end = span.s + span.len;
	const char *bad = NULL;
	int			badplace = 0;
	int			nchars = 0;
	StringInfoData buf;

	for (const char *p = span.s; p < end; p += utf8_length(p, end))
	{
		nchars++;
		if (bad == NULL && uscc_value_of[(unsigned char) ascii_upper(*p)] == 0)
		{
			bad = p;
			badplace = nchars;
		}
	}

	initStringInfo(&buf);
	if (nchars != USCC_LENGTH)
		appendStringInfo(&buf, "has %d character%s instead of %d%s",
						 nchars, nchars == 1 ? "" : "s", USCC_LENGTH,
						 bad ? ", and " : "");
	*hint = NULL;
	if (bad)
	{
		const char *letter = strchr(left_out, ascii_upper(*bad));
		char	   *shown = span_server(bad, utf8_length(bad, end));

		appendStringInfo(&buf, "character %d is \"%s\", which the standard does not use",
						 badplace, shown);
		if (letter)
			*hint = psprintf("The letters I, O, S, V and Z are left out; \"%s\" is often a mistaken \"%c\".",
							 shown, meant[letter - left_out]);
		else
			*hint = psprintf("A code is made of the digits 0-9 and the letters A-Y without I, O, S and V.");
	}
	return buf.data;
}

/*
 * Text to code, for the input function and for the cast.  NULL after a soft
 * error.
 */
Uscc *
uscc_from(const char *s, int len, Node *escontext)
{
	Uscc	   *result = (Uscc *) palloc(sizeof(Uscc));

	if (!uscc_read(s, len, result))
	{
		char	   *hint;
		char	   *fault = uscc_fault(s, len, &hint);

		fault[0] = ascii_upper(fault[0]);
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						"uscc", pnstrdup(s, len)),
				 errdetail_internal("%s.", fault),
				 hint ? errhint("%s", hint) : 0));
	}
	return result;
}

/*
 * Input: 18 characters of the standard's alphabet in either case, blanks around
 * them trimmed.  A wrong check character is accepted; anything else is 22P02
 * with the character and its place.
 */
PG_FUNCTION_INFO_V1(uscc_in);
Datum
uscc_in(PG_FUNCTION_ARGS)
{
	char	   *str = PG_GETARG_CSTRING(0);

	PG_RETURN_USCC(uscc_from(str, strlen(str), fl_escontext(fcinfo)));
}

PG_FUNCTION_INFO_V1(uscc_out);
Datum
uscc_out(PG_FUNCTION_ARGS)
{
	Uscc	   *code = PG_GETARG_USCC(0);
	char	   *result = palloc(USCC_LENGTH + 1);

	uscc_unpack(code->bytes, result);
	result[USCC_LENGTH] = '\0';
	PG_RETURN_CSTRING(result);
}

/*
 * Binary input: the 12 packed bytes.  Bytes that no text packs to are refused,
 * else two values could look alike and compare unequal.
 */
PG_FUNCTION_INFO_V1(uscc_recv);
Datum
uscc_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Uscc	   *result = (Uscc *) palloc(sizeof(Uscc));

	pq_copymsgbytes(buf, (char *) result->bytes, USCC_SIZE);
	if (!uscc_is_packed(result->bytes))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary representation of type %s", "uscc"),
				 errdetail("The bytes are not 18 values of the standard's alphabet, 5 bits each, followed by 6 zero bits.")));
	PG_RETURN_USCC(result);
}

PG_FUNCTION_INFO_V1(uscc_send);
Datum
uscc_send(PG_FUNCTION_ARGS)
{
	Uscc	   *code = PG_GETARG_USCC(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbytes(&buf, (char *) code->bytes, USCC_SIZE);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* Cast from text; as the input function. */
PG_FUNCTION_INFO_V1(uscc_from_text);
Datum
uscc_from_text(PG_FUNCTION_ARGS)
{
	text	   *str = PG_GETARG_TEXT_PP(0);

	PG_RETURN_USCC(uscc_from(VARDATA_ANY(str), VARSIZE_ANY_EXHDR(str), NULL));
}

/* Cast to text: the 18 characters. */
PG_FUNCTION_INFO_V1(uscc_to_text);
Datum
uscc_to_text(PG_FUNCTION_ARGS)
{
	Uscc	   *code = PG_GETARG_USCC(0);
	text	   *result = (text *) palloc(VARHDRSZ + USCC_LENGTH);

	SET_VARSIZE(result, VARHDRSZ + USCC_LENGTH);
	uscc_unpack(code->bytes, VARDATA(result));
	PG_RETURN_TEXT_P(result);
}

/*
 * Comparison.  The order is that of the text in the C collation; nothing here
 * can fail, hence LEAKPROOF.
 */
#define USCC_COMPARISON(name, op) \
PG_FUNCTION_INFO_V1(name); \
Datum \
name(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_BOOL(uscc_memcmp(PG_GETARG_USCC(0), PG_GETARG_USCC(1)) op 0); \
} \
extern Datum name(PG_FUNCTION_ARGS)

USCC_COMPARISON(uscc_eq, ==);
USCC_COMPARISON(uscc_ne, !=);
USCC_COMPARISON(uscc_lt, <);
USCC_COMPARISON(uscc_le, <=);
USCC_COMPARISON(uscc_gt, >);
USCC_COMPARISON(uscc_ge, >=);

PG_FUNCTION_INFO_V1(uscc_cmp);
Datum
uscc_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(uscc_memcmp(PG_GETARG_USCC(0), PG_GETARG_USCC(1)));
}

PG_FUNCTION_INFO_V1(uscc_smaller);
Datum
uscc_smaller(PG_FUNCTION_ARGS)
{
	Uscc	   *a = PG_GETARG_USCC(0);
	Uscc	   *b = PG_GETARG_USCC(1);

	PG_RETURN_USCC(uscc_memcmp(a, b) <= 0 ? a : b);
}

PG_FUNCTION_INFO_V1(uscc_larger);
Datum
uscc_larger(PG_FUNCTION_ARGS)
{
	Uscc	   *a = PG_GETARG_USCC(0);
	Uscc	   *b = PG_GETARG_USCC(1);

	PG_RETURN_USCC(uscc_memcmp(a, b) >= 0 ? a : b);
}

static int
uscc_fast_cmp(Datum x, Datum y, SortSupport ssup)
{
	return uscc_memcmp((Uscc *) DatumGetPointer(x), (Uscc *) DatumGetPointer(y));
}

#if SIZEOF_DATUM >= 8
static int
uscc_abbrev_cmp(Datum x, Datum y, SortSupport ssup)
{
	return x < y ? -1 : x > y;
}

static Datum
uscc_abbrev_convert(Datum original, SortSupport ssup)
{
	return (Datum) uscc_high(((Uscc *) DatumGetPointer(original))->bytes);
}

/*
 * Eight bytes hold the first twelve characters: authority, kind, area and four
 * of the organisation code.  They cost a few shifts, so even where they tell
 * little apart there is nothing to be won by giving them up.
 */
static bool
uscc_abbrev_abort(int memtupcount, SortSupport ssup)
{
	return false;
}
#endif

PG_FUNCTION_INFO_V1(uscc_sortsupport);
Datum
uscc_sortsupport(PG_FUNCTION_ARGS)
{
	SortSupport ssup = (SortSupport) PG_GETARG_POINTER(0);

	ssup->comparator = uscc_fast_cmp;
#if SIZEOF_DATUM >= 8
	if (ssup->abbreviate)
	{
		ssup->abbrev_full_comparator = ssup->comparator;
#if PG_VERSION_NUM >= 150000
		/* the same, and tuplesort has a specialization for it */
		(void) uscc_abbrev_cmp;
		ssup->comparator = ssup_datum_unsigned_cmp;
#else
		ssup->comparator = uscc_abbrev_cmp;
#endif
		ssup->abbrev_converter = uscc_abbrev_convert;
		ssup->abbrev_abort = uscc_abbrev_abort;
	}
#endif
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(uscc_hash);
Datum
uscc_hash(PG_FUNCTION_ARGS)
{
	return hash_any(PG_GETARG_USCC(0)->bytes, USCC_SIZE);
}

PG_FUNCTION_INFO_V1(uscc_hash_extended);
Datum
uscc_hash_extended(PG_FUNCTION_ARGS)
{
	return hash_any_extended(PG_GETARG_USCC(0)->bytes, USCC_SIZE,
							 PG_GETARG_INT64(1));
}

/*
 * Is the 18th character the one that GB 32100-2015 computes from the others?
 * False is a warning, not a verdict: see the head of this file.
 */
PG_FUNCTION_INFO_V1(uscc_has_valid_check);
Datum
uscc_has_valid_check(PG_FUNCTION_ARGS)
{
	unsigned char v[USCC_LENGTH];

	uscc_values(PG_GETARG_USCC(0)->bytes, v);
	PG_RETURN_BOOL(v[USCC_LENGTH - 1] == uscc_check_value(v));
}

/* Characters 3-8: the area of registration, a code of GB/T 2260. */
static Datum
area_of(const Uscc *code)
{
	char		s[USCC_LENGTH];

	uscc_unpack(code->bytes, s);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(s + 2, 6));
}

PG_FUNCTION_INFO_V1(uscc_area);
Datum
uscc_area(PG_FUNCTION_ARGS)
{
	return area_of(PG_GETARG_USCC(0));
}

/* For a literal, which area(box), (circle) and (path) of core claim as well. */
PG_FUNCTION_INFO_V1(uscc_area_unknown);
Datum
uscc_area_unknown(PG_FUNCTION_ARGS)
{
	char	   *s = PG_GETARG_CSTRING(0);

	return area_of(uscc_from(s, strlen(s), NULL));
}

/* Characters 9-17: the organisation code of GB 11714. */
PG_FUNCTION_INFO_V1(uscc_organisation_code);
Datum
uscc_organisation_code(PG_FUNCTION_ARGS)
{
	char		s[USCC_LENGTH];

	uscc_unpack(PG_GETARG_USCC(0)->bytes, s);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(s + 8, 9));
}

/*
 * What keeps a text from being a code to be trusted, in words, or NULL.  Not
 * strict: NULL, '' and '--' are "missing".  Never an error.  What the input
 * function accepts is well-formed; beyond that dummies (00000..., ...000000)
 * and wrong check characters are told.
 */
PG_FUNCTION_INFO_V1(uscc_problem);
Datum
uscc_problem(PG_FUNCTION_ARGS)
{
	text	   *str;
	char	   *s;
	int			len;
	Uscc		code;
	char		chars[USCC_LENGTH];
	unsigned char v[USCC_LENGTH];
	int			check;

	if (PG_ARGISNULL(0))
		PG_RETURN_TEXT_P(cstring_to_text("missing"));

	str = PG_GETARG_TEXT_PP(0);
	s = VARDATA_ANY(str);
	len = VARSIZE_ANY_EXHDR(str);

	if (!uscc_read(s, len, &code))
	{
		char	   *hint;

		if (span_is_missing(span_utf8(s, len)))
			PG_RETURN_TEXT_P(cstring_to_text("missing"));
		PG_RETURN_TEXT_P(cstring_to_text(uscc_fault(s, len, &hint)));
	}

	/* all zeros would pass the check */
	uscc_unpack(code.bytes, chars);
	if (memcmp(chars, "00000", 5) == 0 ||
		memcmp(chars + USCC_LENGTH - 6, "000000", 6) == 0)
		PG_RETURN_TEXT_P(cstring_to_text("a dummy, not an identity"));

	uscc_values(code.bytes, v);
	check = uscc_check_value(v);
	if (v[USCC_LENGTH - 1] != check)
		PG_RETURN_TEXT_P(cstring_to_text(psprintf("check character should be \"%c\", not \"%c\"",
												  uscc_alphabet[check],
												  chars[USCC_LENGTH - 1])));

	PG_RETURN_NULL();
}
