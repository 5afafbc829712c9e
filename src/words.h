/*
 * words.h
 *		Reading the short words and codes that analysts' data hold: blanks,
 *		case, Chinese in any server encoding.
 */
#ifndef FIRST_LOAN_WORDS_H
#define FIRST_LOAN_WORDS_H

#include "compat.h"

/* A stretch of UTF-8, not terminated. */
typedef struct Span
{
	const char *s;
	int			len;
} Span;

extern Span span_utf8(const char *s, int len);
extern bool span_is_missing(Span span);
extern bool span_begins_fold(Span span, const char *word, int wordlen);
extern bool span_equals_fold(Span span, const char *word);
extern char *span_server(const char *s, int len);
extern const char *zh_or(const char *zh, const char *english);

static inline bool
span_equals(Span span, const char *word)
{
	return strlen(word) == span.len && memcmp(span.s, word, span.len) == 0;
}

static inline Span
span_utf8_text(const text *t)
{
	return span_utf8(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
}

static inline char
ascii_upper(char c)
{
	return (c >= 'a' && c <= 'z') ? c - 'a' + 'A' : c;
}

static inline bool
ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of the UTF-8 character at p, never past the end. */
static inline int
utf8_length(const char *p, const char *end)
{
	unsigned char c = *p;
	int			len = c < 0xC0 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

	return Min(len, (int) (end - p));
}

/* Which character of the text, counted from 1, stands at p? */
static inline int
utf8_place(const char *s, const char *p)
{
	int			place = 1;

	while (s < p)
	{
		s += utf8_length(s, p);
		place++;
	}
	return place;
}

#endif							/* FIRST_LOAN_WORDS_H */
