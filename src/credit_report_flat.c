/*
 * credit_report_flat.c
 *		The stored form of a credit report, and its way back.
 *
 * See credit_report.h for the layout.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "credit_report.h"

#define WORD_SIZE 4

#define W0_VERSION 0x0F
#define W0_PERSON (1U << 4)
#define W0_DISPUTED (1U << 5)
#define W0_GUARANTEES (1U << 6)
#define W0_MERGED (1U << 7)
#define W0_COUNT_SHIFT 8
#define W0_COUNT_MAX 0xFFFFF
#define W0_UNDATED_COUNTED (1U << 28)
#define W0_UNDATED_UNKNOWN (1U << 29)
#define W0_AMBIGUOUS (1U << 30)
#define W0_UNDRAWN (1U << 31)

#define W1_YEAR_SHIFT 18
#define W1_YEAR_MAX 0x7F
#define W1_YEAR_BASE 1949
#define W1_INSTITUTIONS_SHIFT 25
#define W1_ADVANCE (1U << 31)

#define W2_DISCOUNTS_SHIFT 18
#define W2_SUMMARY_SHIFT 24
#define W2_DISPOSED (1U << 30)
#define W2_LEASING (1U << 31)
#define COUNT_MAX 0x3F			/* of institutions, discounts, summary */

#define A_BUSINESS_SHIFT 18
#define A_CLASS_SHIFT 25
#define A_UNDRAWN (1U << 29)
#define A_SETTLED (1U << 30)
#define A_HAS_ID (1U << 31)

static inline uint32
get_word(const char *from)
{
	const unsigned char *p = (const unsigned char *) from;

	return (uint32) p[0] | (uint32) p[1] << 8 | (uint32) p[2] << 16 |
		(uint32) p[3] << 24;
}

static void
corrupted(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored value of type %s is corrupted", "credit_report")));
}

/*
 * Accounts
 *
 * The words of all accounts are stored by byte, the highest bytes first: those
 * hardly differ from account to account, so that compression has something to
 * find at once.
 */
static inline uint32
get_account_word(const char *words, uint32 n, uint32 i)
{
	const unsigned char *p = (const unsigned char *) words + i;

	return (uint32) p[0] << 24 | (uint32) p[(Size) n] << 16 |
		(uint32) p[(Size) n * 2] << 8 | (uint32) p[(Size) n * 3];
}

static inline void
put_account_word(char *words, uint32 n, uint32 i, uint32 word)
{
	char	   *p = words + i;

	p[0] = (char) (word >> 24);
	p[(Size) n] = (char) (word >> 16 & 0xFF);
	p[(Size) n * 2] = (char) (word >> 8 & 0xFF);
	p[(Size) n * 3] = (char) (word & 0xFF);
}

static uint32
account_word(const ReportAccount *account)
{
	Assert(account->day <= REPORT_MAX_DAY);
	return account->day |
		(uint32) account->business << A_BUSINESS_SHIFT |
		(uint32) account->class << A_CLASS_SHIFT |
		(account->undrawn ? A_UNDRAWN : 0) |
		(account->settled ? A_SETTLED : 0) |
		(account->id.len > 0 ? A_HAS_ID : 0);
}

static Size
texts_size(const ReportAccount *account)
{
	Size		size = 0;

	if (account->business == BUSINESS_OTHER)
		size += 1 + account->business_text.len;
	if (account->class == CLASS_OTHER)
		size += 1 + account->class_text.len;
	if (account->id.len > 0)
		size += 1 + account->id.len;
	return size;
}

static char *
put_text(char *to, ReportText text)
{
	*to++ = (char) text.len;
	memcpy(to, text.data, text.len);
	return to + text.len;
}

static char *
put_texts(char *to, const ReportAccount *account)
{
	if (account->business == BUSINESS_OTHER)
		to = put_text(to, account->business_text);
	if (account->class == CLASS_OTHER)
		to = put_text(to, account->class_text);
	if (account->id.len > 0)
		to = put_text(to, account->id);
	return to;
}

static const char *
get_text(const char *from, const char *end, ReportText *text)
{
	if (from >= end)
		corrupted();
	text->len = *(const unsigned char *) from++;
	if (text->len == 0 || text->len > end - from)
		corrupted();
	text->data = from;
	return from + text->len;
}

/* Sets account from its word, then from its texts; returns their end. */
static const char *
get_account_parts(uint32 word, const char *texts, const char *end,
				  ReportAccount *account)
{
	memset(account, 0, sizeof(*account));
	account->day = word & REPORT_MAX_DAY;
	account->business = word >> A_BUSINESS_SHIFT & 0x7F;
	account->class = word >> A_CLASS_SHIFT & 0x0F;
	account->undrawn = (word & A_UNDRAWN) != 0;
	account->settled = (word & A_SETTLED) != 0;
	if ((account->business > 99 && account->business < BUSINESS_OTHER) ||
		(account->class > CLASS_R4 && account->class < CLASS_OTHER))
		corrupted();
	if (account->business == BUSINESS_OTHER)
		texts = get_text(texts, end, &account->business_text);
	if (account->class == CLASS_OTHER)
		texts = get_text(texts, end, &account->class_text);
	if ((word & A_HAS_ID) != 0)
		texts = get_text(texts, end, &account->id);
	return texts;
}

/* An account in one piece, as the state of the aggregate holds it. */
Size
report_account_size(const ReportAccount *account)
{
	return WORD_SIZE + texts_size(account);
}

Size
report_put_account(char *to, const ReportAccount *account)
{
	report_put_word(to, account_word(account));
	return put_texts(to + WORD_SIZE, account) - to;
}

const char *
report_get_account(const char *from, const char *end, ReportAccount *account)
{
	if (end - from < WORD_SIZE)
		corrupted();
	return get_account_parts(get_word(from), from + WORD_SIZE, end, account);
}

static int
text_cmp(ReportText a, ReportText b)
{
	int			len = Min(a.len, b.len);
	int			cmp = len > 0 ? memcmp(a.data, b.data, len) : 0;

	return cmp != 0 ? cmp : (a.len > b.len) - (a.len < b.len);
}

/* Opened on, business, class, id, each with absent last; then the rest. */
static int
account_cmp(const void *a, const void *b)
{
	const ReportAccount *x = a;
	const ReportAccount *y = b;
	int			cmp;

	/* 0 becomes the greatest */
	if (x->day != y->day)
		return x->day - 1 < y->day - 1 ? -1 : 1;
	if (x->business != y->business)
		return x->business < y->business ? -1 : 1;
	cmp = text_cmp(x->business_text, y->business_text);
	if (cmp != 0)
		return cmp;
	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	cmp = text_cmp(x->class_text, y->class_text);
	if (cmp != 0)
		return cmp;
	if ((x->id.len == 0) != (y->id.len == 0))
		return x->id.len != 0 ? -1 : 1;
	cmp = text_cmp(x->id, y->id);
	if (cmp != 0)
		return cmp;
	if (x->undrawn != y->undrawn)
		return x->undrawn ? 1 : -1;
	return (int) x->settled - (int) y->settled;
}

static int
account_id_cmp(const void *a, const void *b)
{
	return text_cmp(((const ReportAccount *) a)->id,
					((const ReportAccount *) b)->id);
}

/*
 * One account that was told of twice: each field by itself, so that order and
 * grouping do not matter.  A date beats none and the earlier one the later;
 * a code that counts beats one that does not; drawn and settled stay so.
 */
static void
join_account(bool person, ReportAccount *into, const ReportAccount *from)
{
	ReportCodeList list = person ? LIST_PERSON : LIST_ENTERPRISE;
	int			cmp;

	if (into->day == 0 || (from->day != 0 && from->day < into->day))
		into->day = from->day;

	cmp = report_code_rank(list, into->business) -
		report_code_rank(list, from->business);
	if (cmp == 0)
		cmp = (int) from->business - (int) into->business;
	if (cmp == 0)
		cmp = text_cmp(from->business_text, into->business_text);
	if (cmp < 0)
	{
		into->business = from->business;
		into->business_text = from->business_text;
	}

	cmp = report_code_rank(LIST_CLASS, into->class) -
		report_code_rank(LIST_CLASS, from->class);
	if (cmp == 0)
		cmp = (int) from->class - (int) into->class;
	if (cmp == 0)
		cmp = text_cmp(from->class_text, into->class_text);
	if (cmp < 0)
	{
		into->class = from->class;
		into->class_text = from->class_text;
	}

	into->undrawn = into->undrawn && from->undrawn;
	into->settled = into->settled || from->settled;
}

/* Accounts of the same id become one; those without an id all stay. */
void
report_join_accounts(Report *report)
{
	ReportAccount *accounts = report->accounts;
	uint32		kept = 0;

	if (report->naccounts < 2)
		return;
	qsort(accounts, report->naccounts, sizeof(ReportAccount), account_id_cmp);
	for (uint32 i = 1; i < report->naccounts; i++)
	{
		if (accounts[i].id.len > 0 &&
			text_cmp(accounts[i].id, accounts[kept].id) == 0)
			join_account(report->person, &accounts[kept], &accounts[i]);
		else
			accounts[++kept] = accounts[i];
	}
	report->naccounts = kept + 1;
}

void
report_sort_accounts(Report *report)
{
	if (report->naccounts > 1)
		qsort(report->accounts, report->naccounts, sizeof(ReportAccount),
			  account_cmp);
}

/* The id that two accounts have in common, if any. */
static bool
find_repeated_id(const Report *report, ReportText *id)
{
	ReportAccount *sorted;
	uint32		n = 0;
	bool		found = false;

	sorted = palloc_extended(Max(report->naccounts, 1) * sizeof(ReportAccount),
							 MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < report->naccounts; i++)
	{
		if (report->accounts[i].id.len > 0)
			sorted[n++] = report->accounts[i];
	}
	if (n > 1)
		qsort(sorted, n, sizeof(ReportAccount), account_id_cmp);
	for (uint32 i = 1; i < n && !found; i++)
	{
		if (text_cmp(sorted[i - 1].id, sorted[i].id) == 0)
		{
			*id = sorted[i].id;
			found = true;
		}
	}
	pfree(sorted);
	return found;
}

static struct varlena *
pack_each(Report *report, Node *escontext)
{
	ReportText *flats = palloc_extended(report->nmerged * sizeof(ReportText),
										MCXT_ALLOC_HUGE);

	for (uint32 i = 0; i < report->nmerged; i++)
	{
		struct varlena *flat = report_pack(&report->merged[i], escontext);

		if (flat == NULL)
			return NULL;
		flats[i].data = VARDATA(flat);
		flats[i].len = VARSIZE(flat) - VARHDRSZ;
	}
	return report_pack_merged(flats, report->nmerged, escontext);
}

/*
 * Makes the stored form; sorts the accounts on the way.  Two accounts of one
 * id are refused: a union of accounts could not tell what they are.
 */
struct varlena *
report_pack(Report *report, Node *escontext)
{
	struct varlena *flat;
	ReportFindings findings;
	ReportText	id;
	uint32		w0;
	uint32		w1;
	uint32		w2;
	uint32		spilled[4];
	int			nspilled = 0;
	uint32		year = 0;
	Size		size;
	char	   *words;
	char	   *texts;

	if (report->nmerged > 0)
		return pack_each(report, escontext);
	if (report->naccounts > REPORT_MAX_ACCOUNTS)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many accounts for type %s", "credit_report"),
				 errdetail("A report holds at most %d accounts.",
						   REPORT_MAX_ACCOUNTS)));
	report_sort_accounts(report);
	if (report->naccounts > 1 && find_repeated_id(report, &id))
		ereturn(escontext, NULL,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						"credit_report", pnstrdup(id.data, id.len)),
				 errdetail("Two accounts have this \"id\"."),
				 errhint("Give each account once, or leave out ids that are not those of accounts.")));

	report_find(report, &report_default_policy, &findings);
	w0 = REPORT_VERSION | report->naccounts << W0_COUNT_SHIFT;
	if (report->person)
		w0 |= W0_PERSON;
	if (report->disputed)
		w0 |= W0_DISPUTED;
	if (report->guarantees)
		w0 |= W0_GUARANTEES;
	if (findings.undated_counted)
		w0 |= W0_UNDATED_COUNTED;
	if (findings.undated_unknown)
		w0 |= W0_UNDATED_UNKNOWN;
	if (findings.ambiguous)
		w0 |= W0_AMBIGUOUS;
	if ((findings.policy_kinds & POLICY_UNDRAWN) != 0)
		w0 |= W0_UNDRAWN;

	w1 = report->report_day;
	w2 = findings.first_counted;
	if ((findings.policy_kinds & POLICY_ADVANCES) != 0)
		w1 |= W1_ADVANCE;
	if ((findings.policy_kinds & POLICY_DISPOSED) != 0)
		w2 |= W2_DISPOSED;
	if ((findings.policy_kinds & POLICY_LEASING) != 0)
		w2 |= W2_LEASING;

	if (report->first_year > 0)
	{
		year = report->first_year - W1_YEAR_BASE;
		if (report->first_year <= W1_YEAR_BASE || year >= W1_YEAR_MAX)
		{
			year = W1_YEAR_MAX;
			spilled[nspilled++] = report->first_year;
		}
	}
	w1 |= year << W1_YEAR_SHIFT;
	if (report->institutions >= COUNT_MAX)
		spilled[nspilled++] = report->institutions;
	w1 |= Min(report->institutions, COUNT_MAX) << W1_INSTITUTIONS_SHIFT;
	if (report->undated_discounts >= COUNT_MAX)
		spilled[nspilled++] = report->undated_discounts;
	w2 |= Min(report->undated_discounts, COUNT_MAX) << W2_DISCOUNTS_SHIFT;
	if (report->summary_borrowings >= COUNT_MAX)
		spilled[nspilled++] = report->summary_borrowings;
	w2 |= Min(report->summary_borrowings, COUNT_MAX) << W2_SUMMARY_SHIFT;

	size = VARHDRSZ + REPORT_HEADER_SIZE +
		((Size) report->naccounts + nspilled) * WORD_SIZE;
	for (uint32 i = 0; i < report->naccounts; i++)
		size += texts_size(&report->accounts[i]);
	if (size > MaxAllocSize)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("value of type %s is too large", "credit_report")));

	flat = palloc(size);
	SET_VARSIZE(flat, size);
	words = VARDATA(flat);
	report_put_word(words, w0);
	report_put_word(words + WORD_SIZE, w1);
	report_put_word(words + 2 * WORD_SIZE, w2);
	words += REPORT_HEADER_SIZE;
	texts = words + ((Size) report->naccounts + nspilled) * WORD_SIZE;
	for (uint32 i = 0; i < report->naccounts; i++)
	{
		put_account_word(words, report->naccounts, i,
						 account_word(&report->accounts[i]));
		texts = put_texts(texts, &report->accounts[i]);
	}
	words += (Size) report->naccounts * WORD_SIZE;
	for (int i = 0; i < nspilled; i++)
	{
		report_put_word(words, spilled[i]);
		words += WORD_SIZE;
	}
	Assert(texts == (char *) flat + size);
	return flat;
}

/*
 * Reads the first words.  Numbers that stand after the accounts are left at
 * the value that says so.
 */
static void
get_header(const char *data, Report *report, ReportFindings *findings)
{
	uint32		w0 = get_word(data);
	uint32		w1 = get_word(data + WORD_SIZE);
	uint32		w2 = get_word(data + 2 * WORD_SIZE);

	if ((w0 & W0_VERSION) != REPORT_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("stored value of type %s has format %u, which this release does not know",
						"credit_report", w0 & W0_VERSION),
				 errhint("It was written by a newer release: update the extension's library.")));

	memset(report, 0, sizeof(*report));
	memset(findings, 0, sizeof(*findings));
	report->disputed = (w0 & W0_DISPUTED) != 0;
	report->report_day = w1 & REPORT_MAX_DAY;
	findings->first_counted = w2 & REPORT_MAX_DAY;
	if ((w0 & W0_MERGED) != 0)
	{
		report->nmerged = w0 >> W0_COUNT_SHIFT & W0_COUNT_MAX;
		if (report->nmerged < 2 || report->nmerged > REPORT_MAX_MERGED)
			corrupted();
		findings->merged = true;
		return;
	}
	report->person = (w0 & W0_PERSON) != 0;
	report->guarantees = (w0 & W0_GUARANTEES) != 0;
	report->naccounts = w0 >> W0_COUNT_SHIFT & W0_COUNT_MAX;
	report->first_year = w1 >> W1_YEAR_SHIFT & W1_YEAR_MAX;
	report->institutions = w1 >> W1_INSTITUTIONS_SHIFT & COUNT_MAX;
	report->undated_discounts = w2 >> W2_DISCOUNTS_SHIFT & COUNT_MAX;
	report->summary_borrowings = w2 >> W2_SUMMARY_SHIFT & COUNT_MAX;
	if (report->naccounts > REPORT_MAX_ACCOUNTS)
		corrupted();

	findings->disputed = report->disputed;
	findings->report_day = report->report_day;
	findings->undated_counted = (w0 & W0_UNDATED_COUNTED) != 0;
	findings->undated_unknown = (w0 & W0_UNDATED_UNKNOWN) != 0;
	findings->ambiguous = (w0 & W0_AMBIGUOUS) != 0;
	if ((w0 & W0_UNDRAWN) != 0)
		findings->policy_kinds |= POLICY_UNDRAWN;
	if ((w1 & W1_ADVANCE) != 0)
		findings->policy_kinds |= POLICY_ADVANCES;
	if ((w2 & W2_DISPOSED) != 0)
		findings->policy_kinds |= POLICY_DISPOSED;
	if ((w2 & W2_LEASING) != 0)
		findings->policy_kinds |= POLICY_LEASING;
	if (report->summary_borrowings > 0 && report->naccounts == 0)
		findings->policy_kinds |= POLICY_SUMMARY;
}

static uint32
get_spilled(const char **from, const char *end)
{
	uint32		word;

	if (end - *from < WORD_SIZE)
		corrupted();
	word = get_word(*from);
	*from += WORD_SIZE;
	if (word > REPORT_MAX_COUNT)
		corrupted();
	return word;
}

/* What follows the header of a single report. */
static void
unpack_single(const char *words, const char *end, Report *report)
{
	const char *texts;

	if ((end - words) / WORD_SIZE < report->naccounts)
		corrupted();
	texts = words + (Size) report->naccounts * WORD_SIZE;

	if (report->first_year == W1_YEAR_MAX)
	{
		report->first_year = get_spilled(&texts, end);
		if (report->first_year < REPORT_MIN_YEAR ||
			report->first_year > REPORT_MAX_YEAR)
			corrupted();
	}
	else if (report->first_year > 0)
		report->first_year += W1_YEAR_BASE;
	if (report->institutions == COUNT_MAX)
		report->institutions = get_spilled(&texts, end);
	if (report->undated_discounts == COUNT_MAX)
		report->undated_discounts = get_spilled(&texts, end);
	if (report->summary_borrowings == COUNT_MAX)
		report->summary_borrowings = get_spilled(&texts, end);

	report->accounts = palloc_extended(Max(report->naccounts, 1) *
									   sizeof(ReportAccount), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < report->naccounts; i++)
	{
		texts = get_account_parts(get_account_word(words, report->naccounts, i),
								  texts, end, &report->accounts[i]);
	}
	if (texts != end)
		corrupted();
}

/* The accounts' texts point into flat. */
void
report_unpack(const struct varlena *flat, Report *report)
{
	const char *data = VARDATA_ANY(flat);
	const char *end = data + VARSIZE_ANY_EXHDR(flat);
	ReportFindings findings;

	if (end - data < REPORT_HEADER_SIZE)
		corrupted();
	get_header(data, report, &findings);
	data += REPORT_HEADER_SIZE;
	if (report->nmerged == 0)
	{
		unpack_single(data, end, report);
		return;
	}

	if ((end - data) / (WORD_SIZE + REPORT_HEADER_SIZE) < report->nmerged)
		corrupted();
	report->merged = palloc_extended(report->nmerged * sizeof(Report),
									 MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < report->nmerged; i++)
	{
		ReportText	single;

		data = report_next_merged(data, end, &single);
		get_header(single.data, &report->merged[i], &findings);
		if (report->merged[i].nmerged > 0)
			corrupted();
		unpack_single(single.data + REPORT_HEADER_SIZE, single.data + single.len,
					  &report->merged[i]);
	}
	if (data != end)
		corrupted();
}

/*
 * Merged reports
 */
static int
flat_cmp(const void *a, const void *b)
{
	return text_cmp(*(const ReportText *) a, *(const ReportText *) b);
}

/* How many reports a stored form holds, 0 for a single one. */
uint32
report_merged_count(const struct varlena *flat)
{
	Report		report;
	ReportFindings findings;

	if (VARSIZE_ANY_EXHDR(flat) < REPORT_HEADER_SIZE)
		corrupted();
	get_header(VARDATA_ANY(flat), &report, &findings);
	return report.nmerged;
}

/* The stored form of a report among others, after its length. */
const char *
report_next_merged(const char *from, const char *end, ReportText *flat)
{
	uint32		len;

	if (end - from < WORD_SIZE)
		corrupted();
	len = get_word(from);
	from += WORD_SIZE;
	if (len < REPORT_HEADER_SIZE || len > end - from)
		corrupted();
	flat->data = from;
	flat->len = len;
	return from + len;
}

/*
 * One value from the stored forms of n single reports.  It is their set, so
 * that neither order nor grouping of merging make a difference.
 */
struct varlena *
report_pack_merged(ReportText *flats, uint32 n, Node *escontext)
{
	struct varlena *merged;
	uint32		kept = 0;
	uint32		latest = 0;
	uint32		first = 0;
	bool		disputed = true;
	Size		size = VARHDRSZ + REPORT_HEADER_SIZE;
	char	   *to;

	Assert(n > 0);
	qsort(flats, n, sizeof(ReportText), flat_cmp);
	for (uint32 i = 0; i < n; i++)
	{
		if (i == 0 || flat_cmp(&flats[i], &flats[kept - 1]) != 0)
			flats[kept++] = flats[i];
	}
	if (kept == 1)
	{
		merged = palloc(VARHDRSZ + flats[0].len);
		SET_VARSIZE(merged, VARHDRSZ + flats[0].len);
		memcpy(VARDATA(merged), flats[0].data, flats[0].len);
		return merged;
	}

	for (uint32 i = 0; i < kept; i++)
	{
		Report		report;
		ReportFindings findings;

		get_header(flats[i].data, &report, &findings);
		if (findings.merged)
			corrupted();
		latest = Max(latest, report.report_day);
		if (findings.first_counted > 0 &&
			(first == 0 || findings.first_counted < first))
			first = findings.first_counted;
		disputed = disputed && report.disputed;
		size += WORD_SIZE + flats[i].len;
	}
	if (kept > REPORT_MAX_MERGED || size > MaxAllocSize)
		ereturn(escontext, NULL,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("value of type %s is too large", "credit_report"),
				 errdetail("%u different reports are merged.", kept),
				 errhint("Group the reports by household.")));

	merged = palloc(size);
	SET_VARSIZE(merged, size);
	to = VARDATA(merged);
	report_put_word(to, REPORT_VERSION | W0_MERGED | kept << W0_COUNT_SHIFT |
					(disputed ? W0_DISPUTED : 0));
	report_put_word(to + WORD_SIZE, latest);
	report_put_word(to + 2 * WORD_SIZE, first);
	to += REPORT_HEADER_SIZE;
	for (uint32 i = 0; i < kept; i++)
	{
		report_put_word(to, flats[i].len);
		memcpy(to + WORD_SIZE, flats[i].data, flats[i].len);
		to += WORD_SIZE + flats[i].len;
	}
	Assert(to == (char *) merged + size);
	return merged;
}

/*
 * The whole value in its stored form.  A state of an aggregate, which an
 * aggregate without our final function would hand out, is finished here.
 */
const struct varlena *
report_detoast(Datum datum)
{
	struct varlena *flat = PG_DETOAST_DATUM_PACKED(datum);
	Report		report;

	if (VARSIZE_ANY_EXHDR(flat) == 0)
		corrupted();
	if (*VARDATA_ANY(flat) == REPORT_MERGE_TAG)
		return report_merge_finish(flat);
	if (*VARDATA_ANY(flat) != REPORT_STATE_TAG)
		return flat;
	report_state_unpack(flat, &report);
	report_join_accounts(&report);
	return report_pack(&report, NULL);
}

void
report_load(Datum datum, Report *report)
{
	report_unpack(report_detoast(datum), report);
}

/*
 * What the first words say, from a slice of them.  The report's accounts are
 * not set, nor exact the numbers that do not fit.  Returns whether there are
 * no more findings under the default policy than these: the date of an
 * ambiguous account is among the accounts alone, and merged reports have
 * theirs each.
 */
bool
report_header(Datum datum, Report *report, ReportFindings *findings)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);
	struct varlena *slice = value;
	const char *data;

	if (VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value))
		slice = PG_DETOAST_DATUM_SLICE(datum, 0, REPORT_HEADER_SIZE);
	data = VARDATA_ANY(slice);
	if (VARSIZE_ANY_EXHDR(slice) > 0 &&
		(*data == REPORT_STATE_TAG || *data == REPORT_MERGE_TAG))
		data = VARDATA_ANY(report_detoast(datum));
	else if (VARSIZE_ANY_EXHDR(slice) < REPORT_HEADER_SIZE)
		corrupted();
	get_header(data, report, findings);
	if (slice != value)
		pfree(slice);
	return !findings->ambiguous && !findings->merged;
}

/*
 * The answer that the first words of a single report give under the default
 * policy, as report_never_borrowed() does by the findings; in few steps, for
 * it is asked of every row.  False if the value is none of these.
 */
bool
report_quick_answer(Datum datum, ReportAnswer *answer)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);
	const char *data;
	uint32		w0;

	if (VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value) ||
		VARSIZE_ANY_EXHDR(value) < REPORT_HEADER_SIZE)
		return false;
	data = VARDATA_ANY(value);
	w0 = get_word(data);
	if ((w0 & W0_VERSION) != REPORT_VERSION || (w0 & W0_MERGED) != 0)
		return false;
	if ((w0 & W0_DISPUTED) != 0)
		*answer = ANSWER_UNKNOWN;
	else if ((w0 & W0_UNDATED_COUNTED) != 0 ||
			 (get_word(data + 2 * WORD_SIZE) & REPORT_MAX_DAY) != 0)
		*answer = ANSWER_FALSE;
	else if ((w0 & (W0_AMBIGUOUS | W0_UNDATED_UNKNOWN)) != 0)
		*answer = ANSWER_UNKNOWN;
	else
		*answer = ANSWER_TRUE;
	return true;
}
