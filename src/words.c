/*
 * words.c
 *		Reading the short words and codes that analysts' data hold.
 *
 * The words known to this extension are written in UTF-8.  So is the text they
 * are compared with, once it is converted from the server's encoding; in a UTF8
 * database, and for plain ASCII anywhere, that costs nothing.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "words.h"

/* U+3000, the blank that Chinese input methods make */
#define WIDE_BLANK			"\xE3\x80\x80"
#define WIDE_BLANK_LENGTH	3

static inline bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * The text in UTF-8, without the blanks around it.
 */
Span
span_utf8(const char *s, int len)
{
	const char *end = s + len;
	Span		span;

	/* SQL_ASCII holds whatever bytes: taken for UTF-8, not verified */
	if (GetDatabaseEncoding() != PG_UTF8 && GetDatabaseEncoding() != PG_SQL_ASCII)
	{
		const char *p = s;

		while (p < end && !IS_HIGHBIT_SET(*p))
			p++;
		if (p < end)
		{
			/* a copy is terminated, the original may be not */
			char	   *copy = pnstrdup(s, len);
			char	   *utf8 = pg_server_to_any(copy, len, PG_UTF8);

			s = utf8;
			end = s + (utf8 == copy ? len : strlen(utf8));
		}
	}

	for (;;)
	{
		if (s < end && is_blank(*s))
			s++;
		else if (end - s >= WIDE_BLANK_LENGTH &&
				 memcmp(s, WIDE_BLANK, WIDE_BLANK_LENGTH) == 0)
			s += WIDE_BLANK_LENGTH;
		else
			break;
	}
	for (;;)
	{
		if (s < end && is_blank(end[-1]))
			end--;
		else if (end - s >= WIDE_BLANK_LENGTH &&
				 memcmp(end - WIDE_BLANK_LENGTH, WIDE_BLANK, WIDE_BLANK_LENGTH) == 0)
			end -= WIDE_BLANK_LENGTH;
		else
			break;
	}

	span.s = s;
	span.len = end - s;
	return span;
}

/*
 * '' and '--' stand for NULL in loan files and reports (domain: "sentinels").
 */
bool
span_is_missing(Span span)
{
	return span.len == 0 || (span.len == 2 && memcmp(span.s, "--", 2) == 0);
}

/*
 * Does the text begin with this word?  ASCII letters match in either case.
 */
bool
span_begins_fold(Span span, const char *word, int wordlen)
{
	if (wordlen > span.len)
		return false;
	for (int i = 0; i < wordlen; i++)
	{
		if (ascii_upper(span.s[i]) != ascii_upper(word[i]))
			return false;
	}
	return true;
}

bool
span_equals_fold(Span span, const char *word)
{
	int			wordlen = strlen(word);

	return wordlen == span.len && span_begins_fold(span, word, wordlen);
}

/*
 * A piece of UTF-8 as a string in the server's encoding, for a message.
 */
char *
span_server(const char *s, int len)
{
	char	   *copy = pnstrdup(s, len);

	if (GetDatabaseEncoding() == PG_SQL_ASCII)
		return copy;
	return pg_any_to_server(copy, len, PG_UTF8);
}

/*
 * A hint with Chinese in it, where the server's encoding can hold it.
 */
const char *
zh_or(const char *zh, const char *english)
{
	int			encoding = GetDatabaseEncoding();

	return encoding == PG_UTF8 || encoding == PG_SQL_ASCII ? zh : english;
}
