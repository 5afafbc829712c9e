/*
 * credit_report_document.h
 *		The second-generation credit report, element by element.
 *
 * XML and JSON say the same thing in two ways.  Whoever reads either calls
 * these functions for each element in the order of the document, and an array
 * is its elements one after the other; so the value cannot depend on the form.
 */
#ifndef CREDIT_REPORT_DOCUMENT_H
#define CREDIT_REPORT_DOCUMENT_H

#include "credit_report.h"

/*
 * A field's name is unit, segment, type letter and number, as ED01AR03 is the
 * third date of segment A of unit ED01.
 */
#define DOCUMENT_UNIT_LEN 4
#define DOCUMENT_FIELD_LEN 8

/* Converters change the case of names. */
static inline bool
document_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char
document_fold(char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

static inline bool
document_is_unit(const char *name, int len)
{
	return len == DOCUMENT_UNIT_LEN &&
		(document_fold(name[0]) == 'E' || document_fold(name[0]) == 'P') &&
		document_is_digit(name[2]) && document_is_digit(name[3]);
}

static inline bool
document_is_type(char c)
{
	return c == 'D' || c == 'R' || c == 'S' || c == 'J' || c == 'I' || c == 'Q';
}

static inline bool
document_is_field(const char *name, int len)
{
	return len == DOCUMENT_FIELD_LEN && document_is_digit(name[6]) &&
		document_is_digit(name[7]) && document_is_type(document_fold(name[5])) &&
		document_is_unit(name, DOCUMENT_UNIT_LEN);
}

extern bool document_wants(const char *name, int len);

typedef struct ReportDocument ReportDocument;

extern ReportDocument *document_begin(void);
extern void document_open(ReportDocument *document, const char *name, int len);
extern void document_text(ReportDocument *document, const char *data, int len);
extern void document_close(ReportDocument *document);
extern struct varlena *document_finish(ReportDocument *document);

#endif							/* CREDIT_REPORT_DOCUMENT_H */
