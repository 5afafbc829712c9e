/*
 * monitor_sums.c
 *		The aggregate monitor_sums: rows of a monitor's register summed by
 *		month, dimension and value, in one pass.
 *
 * SQL's GROUPING SETS do the same at ten times the cost, which is what a
 * refresh of many borrowers would mostly wait for.  All sums are exact, so that
 * rows can be taken away as they were added.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/typcache.h"

#include "words.h"

/* In the order of monitor_dimensions(); each but the first is an argument. */
static const char *const dimension_names[] = {
	"total", "institution", "area", "industry", "kind", "scale", "ownership", "class"
};

#define NDIMENSIONS	lengthof(dimension_names)
#define CLASS_DIMENSION	(NDIMENSIONS - 1)

/* Arguments behind the state */
enum
{
	ARG_DIMENSIONS = 1, ARG_N, ARG_GRANTED_ON, ARG_STATUS, ARG_INCLUSIVE, ARG_TIED,
	ARG_AMOUNT, ARG_RATE, ARG_VALUES
};

/* Counts and sums in the order of the type monitor_cell, behind its key */
enum
{
	BORROWERS, HOUSEHOLDS, UNVERIFIED, REFUTED, INELIGIBLE, PURE_CREDIT, SECURED,
	DISCOUNT, UNCLASSIFIED, INCLUSIVE, INCLUSIVE_UNKNOWN, TIED, AMOUNT, AMOUNT_UNKNOWN,
	RATED_AMOUNT, RATE_AMOUNT, NMEASURES
};

#define NKEYS	3
#define IS_SUM(measure)	\
	((measure) == AMOUNT || (measure) == RATED_AMOUNT || (measure) == RATE_AMOUNT)

/*
 * A number in millionths where it is one exactly, as nearly all amounts are;
 * anything else is a Numeric.
 */
#define SCALE	6

typedef struct Number
{
	bool		is_small;
	int64		millionths;
	Datum		numeric;		/* if not small */
} Number;

/* A sum, the sum of two parts */
typedef struct Sum
{
	int64		millionths;
	Numeric		rest;			/* NULL is 0 */
} Sum;

typedef struct Cell
{
	int64		counts[NMEASURES];	/* those of sums are not used */
	Sum			amount;
	Sum			rated_amount;
	Sum			rate_amount;
} Cell;

typedef struct CellKey
{
	DateADT		month;			/* its first day */
	int			dimension;
	int			length;			/* -1 is an unknown value */
	uint64		word;			/* a short value, or a long one's hash */
	const char *value;
} CellKey;

/* Of this length are nearly all codes and amounts. */
#define SHORT	((int) sizeof(uint64))

typedef struct CellEntry
{
	CellKey		key;
	uint32		hash;
	char		status;			/* of the slot */
	Cell	   *cell;
} CellEntry;

/* A short value, behind it zeros */
static inline uint64
short_word(const char *data, int length)
{
	uint64		word = 0;

	Assert(length <= SHORT);
	if (length > 0)
		memcpy(&word, data, length);
	return word;
}

static inline uint32
hash_word(uint64 word, int length)
{
	return ((word ^ length) * UINT64CONST(0x9E3779B97F4A7C15)) >> 32;
}

static inline CellKey
cell_key(DateADT month, int dimension, const char *value, int length)
{
	CellKey		key = {month, dimension, length, 0, value};

	key.word = length <= SHORT ? short_word(value, length) :
		hash_bytes((const unsigned char *) value, length);
	return key;
}

static inline uint32
hash_key(CellKey key)
{
	return hash_combine(hash_word(key.word, key.length),
						murmurhash32(key.month * NDIMENSIONS + key.dimension));
}

static inline bool
same_key(CellKey a, CellKey b)
{
	return a.word == b.word && a.month == b.month && a.dimension == b.dimension &&
		a.length == b.length &&
		(a.length <= SHORT || memcmp(a.value, b.value, a.length) == 0);
}

#define SH_PREFIX		cells
#define SH_ELEMENT_TYPE	CellEntry
#define SH_KEY_TYPE		CellKey
#define SH_KEY			key
#define SH_HASH_KEY(table, key) hash_key(key)
#define SH_EQUAL(table, a, b) same_key(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE		static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/*
 * Amounts and rates are often round: what was found out about the last of them
 * is kept where their bytes say, and the next one is put over it.
 */
#define RECENT_DECIMALS	1024

typedef struct RecentDecimal
{
	uint64		word;			/* as a numeric is stored */
	int			length;			/* 0: none yet */
	int			scale;
	int64		digits;
} RecentDecimal;

typedef struct SumState
{
	MemoryContext context;
	bool		wanted[NDIMENSIONS];	/* by the rows to come */
	DateADT		day;			/* the last one, and its month's first */
	DateADT		month;
	cells_hash *cells;
	RecentDecimal recent[RECENT_DECIMALS];
} SumState;

PG_FUNCTION_INFO_V1(monitor_sums_accum);
PG_FUNCTION_INFO_V1(monitor_sums_combine);
PG_FUNCTION_INFO_V1(monitor_sums_serialize);
PG_FUNCTION_INFO_V1(monitor_sums_deserialize);
PG_FUNCTION_INFO_V1(monitor_sums_final);

static const int64 power_of_ten[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000
};

/*
 * Digits and scale of a number; false where these are too many for an int64,
 * or it is none.  The binary form of numeric is the only one that says them.
 */
static bool
decimal_of(Datum numeric, int64 *digits, int *scale, bool *is_finite)
{
	bytea	   *sent = DatumGetByteaPP(DirectFunctionCall1(numeric_send, numeric));
	const char *data = VARDATA_ANY(sent);
	uint16		header[4];
	int			ndigits,
				exponent;

	memcpy(header, data, sizeof(header));
	data += sizeof(header);
	ndigits = pg_ntoh16(header[0]);
	*is_finite = header[2] == 0 || header[2] == pg_hton16(0x4000);
	if (!*is_finite)
		return false;
	*digits = 0;
	for (int i = 0; i < ndigits; i++)
	{
		uint16		digit;

		memcpy(&digit, data + i * sizeof(uint16), sizeof(uint16));
		if (pg_mul_s64_overflow(*digits, 10000, digits) ||
			pg_add_s64_overflow(*digits, pg_ntoh16(digit), digits))
			return false;
	}

	/*
	 * Digits of base 10000, the first of which has the weight; zeros at the
	 * end are left out.
	 */
	exponent = 4 * ((int16) pg_ntoh16(header[1]) - ndigits + 1);
	*scale = exponent < 0 ? -exponent : 0;
	for (; exponent > 0; exponent--)
		if (pg_mul_s64_overflow(*digits, 10, digits))
			return false;
	if (header[2] != 0)
		*digits = -*digits;
	return true;
}

/* The same, of what was seen just now */
static inline bool
recent_decimal_of(SumState *state, Datum numeric, int64 *digits, int *scale, bool *is_finite)
{
	struct varlena *stored = PG_DETOAST_DATUM_PACKED(numeric);
	int			length = VARSIZE_ANY_EXHDR(stored);
	uint64		word;
	RecentDecimal *recent;

	if (length > SHORT)
		return decimal_of(numeric, digits, scale, is_finite);
	word = short_word(VARDATA_ANY(stored), length);
	recent = &state->recent[hash_word(word, length) % RECENT_DECIMALS];
	if (recent->length != length || recent->word != word)
	{
		if (!decimal_of(PointerGetDatum(stored), digits, scale, is_finite))
			return false;
		recent->word = word;
		recent->length = length;
		recent->scale = *scale;
		recent->digits = *digits;
	}
	*digits = recent->digits;
	*scale = recent->scale;
	*is_finite = true;
	return true;
}

/* In millionths, n times; false where that is not exact */
static bool
to_millionths(int64 digits, int scale, int32 n, int64 *result)
{
	if (scale > SCALE)
	{
		if (scale - SCALE >= lengthof(power_of_ten) || digits % power_of_ten[scale - SCALE] != 0)
			return false;
		digits /= power_of_ten[scale - SCALE];
	}
	else if (pg_mul_s64_overflow(digits, power_of_ten[SCALE - scale], &digits))
		return false;
	return !pg_mul_s64_overflow(digits, n, result);
}

static Datum
numeric_of_int64(int64 value)
{
	return DirectFunctionCall1(int8_numeric, Int64GetDatum(value));
}

static Datum
numeric_of_millionths(int64 millionths)
{
	Datum		one = DirectFunctionCall3(numeric_in, CStringGetDatum("0.000001"),
										  ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));

	return DirectFunctionCall2(numeric_mul, numeric_of_int64(millionths), one);
}

static void
add_rest(SumState *state, Sum *sum, Datum numeric)
{
	MemoryContext old;

	if (sum->rest)
		numeric = DirectFunctionCall2(numeric_add, NumericGetDatum(sum->rest), numeric);
	old = MemoryContextSwitchTo(state->context);
	if (sum->rest)
		pfree(sum->rest);
	sum->rest = DatumGetNumericCopy(numeric);
	MemoryContextSwitchTo(old);
}

static inline void
add_number(SumState *state, Sum *sum, const Number *number)
{
	int64		result;

	if (!number->is_small)
		add_rest(state, sum, number->numeric);
	else if (!pg_add_s64_overflow(sum->millionths, number->millionths, &result))
		sum->millionths = result;
	else
	{
		add_rest(state, sum, numeric_of_millionths(sum->millionths));
		sum->millionths = number->millionths;
	}
}

static void
add_sum(SumState *state, Sum *sum, const Sum *more)
{
	Number		number = {true, more->millionths};

	add_number(state, sum, &number);
	if (more->rest)
		add_rest(state, sum, NumericGetDatum(more->rest));
}

/* The characters of a text as they are stored; of NULL, none */
static inline Span
stored_span(const text *string)
{
	Span		span = {"", 0};

	if (string)
	{
		span.s = VARDATA_ANY(string);
		span.len = VARSIZE_ANY_EXHDR(string);
	}
	return span;
}

static SumState *
new_state(MemoryContext context, int ncells)
{
	SumState   *state = MemoryContextAllocZero(context, sizeof(SumState));

	state->context = context;
	state->day = DATEVAL_NOBEGIN;
	state->cells = cells_create(context, Max(ncells, 1024), NULL);
	return state;
}

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo, const char *function)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s called in non-aggregate context", function)));
	return context;
}

static void
choose_dimensions(SumState *state, ArrayType *array)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		int			d = 0;

		while (!nulls[i] && d < NDIMENSIONS &&
			   !span_equals(stored_span(DatumGetTextPP(elements[i])), dimension_names[d]))
			d++;
		if (nulls[i] || d == NDIMENSIONS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("unknown dimension in %s", "monitor_sums"),
					 errhint("first_loan.monitor_dimensions() lists them.")));
		state->wanted[d] = true;
	}
}

static Cell *
get_cell(SumState *state, CellKey key)
{
	bool		found;
	CellEntry  *entry = cells_insert(state->cells, key, &found);

	if (!found)
	{
		if (key.length > 0)
		{
			char	   *copy = MemoryContextAlloc(state->context, key.length);

			memcpy(copy, key.value, key.length);
			entry->key.value = copy;
		}
		entry->cell = MemoryContextAllocZero(state->context, sizeof(Cell));
	}
	return entry->cell;
}

/*
 * monitor_sums_accum(state, dimensions, n, granted_on, status, inclusive,
 * tied_institutions, amount, rate, institution, area, industry, kind, scale,
 * ownership, class)
 *
 * Adds a row n times: 1 to add, -1 to take away.  The dimensions are those of
 * the first row.  Rows whose day or n is NULL or infinite take no part.  NULL
 * is unknown elsewhere, and so is an amount or rate that is no finite number.
 * Amounts are in the unit of the source, the rate in per cent.
 */
Datum
monitor_sums_accum(PG_FUNCTION_ARGS)
{
	SumState   *state;
	MemoryContext context = aggregate_context(fcinfo, "monitor_sums_accum");
	int32		n;
	DateADT		day;
	Span		status,
				class;
	int			ncounts = 0;
	int			counts[8];
	Number		amount = {0},
				rate_amount = {0};
	bool		has_amount = false,
				has_rate = false;

	if (!PG_ARGISNULL(0))
		state = (SumState *) PG_GETARG_POINTER(0);
	else
	{
		state = new_state(context, 0);
		if (!PG_ARGISNULL(ARG_DIMENSIONS))
			choose_dimensions(state, PG_GETARG_ARRAYTYPE_P(ARG_DIMENSIONS));
	}
	if (PG_ARGISNULL(ARG_N) || PG_ARGISNULL(ARG_GRANTED_ON) || PG_ARGISNULL(ARG_STATUS))
		PG_RETURN_POINTER(state);
	n = PG_GETARG_INT32(ARG_N);
	day = PG_GETARG_DATEADT(ARG_GRANTED_ON);
	if (DATE_NOT_FINITE(day))
		PG_RETURN_POINTER(state);

	/* Which counts the row is in */
	status = stored_span(PG_GETARG_TEXT_PP(ARG_STATUS));
	class = stored_span(PG_ARGISNULL(ARG_VALUES + CLASS_DIMENSION - 1) ? NULL :
						PG_GETARG_TEXT_PP(ARG_VALUES + CLASS_DIMENSION - 1));
	counts[ncounts++] = BORROWERS;
	if (span_equals(status, "unverified"))
		counts[ncounts++] = UNVERIFIED;
	else if (span_equals(status, "refuted"))
		counts[ncounts++] = REFUTED;
	else if (span_equals(status, "ineligible"))
		counts[ncounts++] = INELIGIBLE;
	else
	{
		int64		digits,
					rate_digits;
		int			scale,
					rate_scale;
		bool		is_small;

		counts[ncounts++] = HOUSEHOLDS;
		counts[ncounts++] = span_equals(class, "pure_credit") ? PURE_CREDIT :
			span_equals(class, "secured") ? SECURED :
			span_equals(class, "discount") ? DISCOUNT : UNCLASSIFIED;
		if (PG_ARGISNULL(ARG_INCLUSIVE))
			counts[ncounts++] = INCLUSIVE_UNKNOWN;
		else if (PG_GETARG_BOOL(ARG_INCLUSIVE))
			counts[ncounts++] = INCLUSIVE;
		if (!PG_ARGISNULL(ARG_TIED) && PG_GETARG_INT32(ARG_TIED) > 1)
			counts[ncounts++] = TIED;

		if (!PG_ARGISNULL(ARG_AMOUNT))
		{
			is_small = recent_decimal_of(state, PG_GETARG_DATUM(ARG_AMOUNT), &digits, &scale, &has_amount);
			amount.is_small = is_small && to_millionths(digits, scale, n, &amount.millionths);
			if (has_amount && !amount.is_small)
				amount.numeric = DirectFunctionCall2(numeric_mul, PG_GETARG_DATUM(ARG_AMOUNT),
													 numeric_of_int64(n));
			if (has_amount && !PG_ARGISNULL(ARG_RATE))
			{
				is_small &= recent_decimal_of(state, PG_GETARG_DATUM(ARG_RATE), &rate_digits, &rate_scale, &has_rate);
				rate_amount.is_small = is_small &&
					!pg_mul_s64_overflow(digits, rate_digits, &digits) &&
					to_millionths(digits, scale + rate_scale, n, &rate_amount.millionths);
				if (has_rate && !rate_amount.is_small)
					rate_amount.numeric = DirectFunctionCall2(numeric_mul, PG_GETARG_DATUM(ARG_RATE),
															  amount.is_small ? numeric_of_millionths(amount.millionths) : amount.numeric);
			}
		}
		if (!has_amount)
			counts[ncounts++] = AMOUNT_UNKNOWN;
	}

	if (day != state->day)
	{
		int			year,
					month,
					day_of_month;

		j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
		state->month = day - (day_of_month - 1);
		state->day = day;
	}
	for (int d = 0; d < NDIMENSIONS; d++)
	{
		int			arg = ARG_VALUES + d - 1;
		const char *value = NULL;
		int			length = -1;
		Cell	   *cell;

		if (!state->wanted[d])
			continue;
		if (d > 0 && !PG_ARGISNULL(arg))
		{
			text	   *stored = PG_GETARG_TEXT_PP(arg);

			value = VARDATA_ANY(stored);
			length = VARSIZE_ANY_EXHDR(stored);
		}
		cell = get_cell(state, cell_key(state->month, d, value, length));
		for (int i = 0; i < ncounts; i++)
			cell->counts[counts[i]] += n;
		if (has_amount)
			add_number(state, &cell->amount, &amount);
		if (has_rate)
		{
			add_number(state, &cell->rated_amount, &amount);
			add_number(state, &cell->rate_amount, &rate_amount);
		}
	}
	PG_RETURN_POINTER(state);
}

static Datum
sum_value(const Sum *sum)
{
	Datum		value = numeric_of_millionths(sum->millionths);

	if (sum->rest)
		value = DirectFunctionCall2(numeric_add, value, NumericGetDatum(sum->rest));
	return DirectFunctionCall1(numeric_trim_scale, value);
}

static bool
sum_is_zero(const Sum *sum)
{
	return sum->rest == NULL ? sum->millionths == 0 :
		DatumGetBool(DirectFunctionCall2(numeric_eq, sum_value(sum), numeric_of_int64(0)));
}

static bool
is_nothing(const Cell *cell)
{
	for (int m = 0; m < NMEASURES; m++)
		if (cell->counts[m] != 0)
			return false;
	return sum_is_zero(&cell->amount) && sum_is_zero(&cell->rated_amount) &&
		sum_is_zero(&cell->rate_amount);
}

/* monitor_sums_combine(state, state): the sums of both; NULL is none. */
Datum
monitor_sums_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo, "monitor_sums_combine");
	SumState   *state = PG_ARGISNULL(0) ? NULL : (SumState *) PG_GETARG_POINTER(0);
	SumState   *more = PG_ARGISNULL(1) ? NULL : (SumState *) PG_GETARG_POINTER(1);
	cells_iterator it;
	CellEntry  *entry;

	if (more)
	{
		if (state == NULL)
			state = new_state(context, more->cells->members);
		cells_start_iterate(more->cells, &it);
		while ((entry = cells_iterate(more->cells, &it)) != NULL)
		{
			Cell	   *cell = get_cell(state, entry->key);

			CHECK_FOR_INTERRUPTS();
			for (int m = 0; m < NMEASURES; m++)
				cell->counts[m] += entry->cell->counts[m];
			add_sum(state, &cell->amount, &entry->cell->amount);
			add_sum(state, &cell->rated_amount, &entry->cell->rated_amount);
			add_sum(state, &cell->rate_amount, &entry->cell->rate_amount);
		}
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/*
 * monitor_sums_serialize(state): from one process of the server to another, so
 * in its own byte order.  Behind each cell is the value of its key, and what
 * of its sums is a numeric.
 */
Datum
monitor_sums_serialize(PG_FUNCTION_ARGS)
{
	SumState   *state = (SumState *) PG_GETARG_POINTER(0);
	StringInfoData buf;
	cells_iterator it;
	CellEntry  *entry;

	(void) aggregate_context(fcinfo, "monitor_sums_serialize");
	pq_begintypsend(&buf);
	pq_sendbytes(&buf, (char *) &state->cells->members, sizeof(state->cells->members));
	cells_start_iterate(state->cells, &it);
	while ((entry = cells_iterate(state->cells, &it)) != NULL)
	{
		const Cell *cell = entry->cell;
		const Sum  *sums[] = {&cell->amount, &cell->rated_amount, &cell->rate_amount};

		CHECK_FOR_INTERRUPTS();
		pq_sendbytes(&buf, (char *) &entry->key, sizeof(CellKey));
		pq_sendbytes(&buf, (char *) cell, sizeof(Cell));
		if (entry->key.length > 0)
			pq_sendbytes(&buf, entry->key.value, entry->key.length);
		for (int i = 0; i < lengthof(sums); i++)
			if (sums[i]->rest)
			{
				int32		size = VARSIZE(sums[i]->rest);

				pq_sendbytes(&buf, (char *) &size, sizeof(size));
				pq_sendbytes(&buf, (char *) sums[i]->rest, size);
			}
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* monitor_sums_deserialize(bytea): the state again */
Datum
monitor_sums_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *sent = PG_GETARG_BYTEA_PP(0);
	StringInfoData buf;
	SumState   *state;
	uint32		ncells;

	(void) aggregate_context(fcinfo, "monitor_sums_deserialize");
	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent));
	pq_copymsgbytes(&buf, (char *) &ncells, sizeof(ncells));
	state = new_state(CurrentMemoryContext, ncells);
	while (ncells-- > 0)
	{
		CellKey		key;
		Cell		kept;
		Cell	   *cell;
		Sum		   *sums[] = {&kept.amount, &kept.rated_amount, &kept.rate_amount};

		CHECK_FOR_INTERRUPTS();
		pq_copymsgbytes(&buf, (char *) &key, sizeof(key));
		pq_copymsgbytes(&buf, (char *) &kept, sizeof(kept));
		if (key.length > 0)
			key.value = pq_getmsgbytes(&buf, key.length);
		for (int i = 0; i < lengthof(sums); i++)
			if (sums[i]->rest)
			{
				int32		size;

				pq_copymsgbytes(&buf, (char *) &size, sizeof(size));
				sums[i]->rest = palloc(size);
				pq_copymsgbytes(&buf, (char *) sums[i]->rest, size);
			}
		cell = get_cell(state, key);
		*cell = kept;
	}
	pq_getmsgend(&buf);
	pfree(buf.data);
	PG_RETURN_POINTER(state);
}

/*
 * monitor_sums_final(state): an array of monitor_cell, in no order; cells where
 * everything is 0 are left out.  NULL where there was no row.
 */
Datum
monitor_sums_final(PG_FUNCTION_ARGS)
{
	SumState   *state;
	Oid			type = get_element_type(get_fn_expr_rettype(fcinfo->flinfo));
	TupleDesc	desc;
	Datum	   *elements;
	int			n = 0;
	cells_iterator it;
	CellEntry  *entry;
	ArrayType  *result;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (SumState *) PG_GETARG_POINTER(0);
	desc = lookup_rowtype_tupdesc(type, -1);
	if (desc->natts != NKEYS + NMEASURES)
		elog(ERROR, "type monitor_cell is not as expected");
	elements = palloc(sizeof(Datum) * Max(state->cells->members, 1));

	cells_start_iterate(state->cells, &it);
	while ((entry = cells_iterate(state->cells, &it)) != NULL)
	{
		const Cell *cell = entry->cell;
		Datum		values[NKEYS + NMEASURES];
		bool		nulls[NKEYS + NMEASURES] = {false};

		CHECK_FOR_INTERRUPTS();
		if (is_nothing(cell))
			continue;
		values[0] = DateADTGetDatum(entry->key.month);
		values[1] = CStringGetTextDatum(dimension_names[entry->key.dimension]);
		nulls[2] = entry->key.length < 0;
		if (!nulls[2])
			values[2] = PointerGetDatum(cstring_to_text_with_len(entry->key.value, entry->key.length));
		for (int m = 0; m < NMEASURES; m++)
			values[NKEYS + m] = IS_SUM(m) ?
				sum_value(m == AMOUNT ? &cell->amount :
						  m == RATED_AMOUNT ? &cell->rated_amount : &cell->rate_amount) :
				Int64GetDatum(cell->counts[m]);
		elements[n++] = HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
	}
	ReleaseTupleDesc(desc);
	result = construct_array(elements, n, type, -1, false, TYPALIGN_DOUBLE);
	PG_RETURN_ARRAYTYPE_P(result);
}
