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

extern bool document_is_field(const char *name, int len);
extern bool document_is_unit(const char *name, int len);
extern bool document_wants(const char *name, int len);

typedef struct ReportDocument ReportDocument;

extern ReportDocument *document_begin(void);
extern void document_open(ReportDocument *document, const char *name, int len);
extern void document_text(ReportDocument *document, const char *data, int len);
extern void document_close(ReportDocument *document);
extern struct varlena *document_finish(ReportDocument *document);

#endif							/* CREDIT_REPORT_DOCUMENT_H */
