/*
 * credit_report_xml.c
 *		The second-generation credit report from XML.
 *
 * libxml2 reads the text once and builds no tree.  It must not be left by
 * longjmp, so its callbacks take notes only and call nothing that can throw;
 * the notes are read when it is done.  A document type declaration is
 * refused where it begins: no entity is ever defined, expanded or fetched.
 *
 * The library is the server's own, already loaded, hence not linked here.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/xml.h"

#include "credit_report_document.h"

/*
 * The server's flags say where its headers are; a machine may lack them.  Who
 * wants the extension without XML defines FL_WITHOUT_LIBXML.
 */
#if defined(USE_LIBXML) && defined(__has_include) && \
	!defined(FL_WITHOUT_LIBXML)
#if __has_include(<libxml/parser.h>)
#define FL_LIBXML
#endif
#endif

PG_FUNCTION_INFO_V1(credit_report_from_xml);

#ifdef FL_LIBXML

#include <libxml/parser.h>

/* newer releases would have some members of the context hidden */
#ifdef __GNUC__
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif

#define NOTE_OPEN 'o'			/* byte of length, name */
#define NOTE_TEXT 't'			/* uint32 length, text */
#define NOTE_CLOSE 'c'
#define NOTES_SIZE 8192			/* bytes at first */
#define NAME_MAX_LEN 255
#define MESSAGE_SIZE 256

typedef struct XmlNotes
{
	xmlParserCtxtPtr parser;
	char	   *data;
	Size		size;
	Size		used;
	Size		text;			/* where the open text note begins, or 0 */
	int			depth;
	int			field_depth;	/* of the open field, or 0 */
	int			skip_depth;		/* of an element that does not matter, or 0 */
	bool		out_of_memory;
	bool		doctype;
	bool		interrupted;
	bool		failed;
	char		message[MESSAGE_SIZE];
} XmlNotes;

/* Room for more bytes; if there is none, the parser stops. */
static char *
note_room(XmlNotes *notes, Size more)
{
	char	   *room;

	if (notes->out_of_memory)
		return NULL;
	if (notes->size - notes->used < more)
	{
		Size		size = Max(2 * notes->size, notes->used + more);
		char	   *data;

		data = palloc_extended(size, MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
		if (data == NULL)
		{
			notes->out_of_memory = true;
			xmlStopParser(notes->parser);
			return NULL;
		}
		memcpy(data, notes->data, notes->used);
		pfree(notes->data);
		notes->data = data;
		notes->size = size;
	}
	room = notes->data + notes->used;
	notes->used += more;
	return room;
}

static void
end_text(XmlNotes *notes)
{
	uint32		len;

	if (notes->text == 0)
		return;
	len = notes->used - notes->text - sizeof(len);
	memcpy(notes->data + notes->text, &len, sizeof(len));
	notes->text = 0;
}

static void
start_element(void *arg, const xmlChar *localname, const xmlChar *prefix,
			  const xmlChar *uri, int nnamespaces, const xmlChar **namespaces,
			  int nattributes, int ndefaulted, const xmlChar **attributes)
{
	XmlNotes   *notes = arg;
	const char *name = (const char *) localname;
	Size		len = strlen(name);
	char	   *to;

	if (QueryCancelPending || ProcDiePending)
	{
		notes->interrupted = true;
		xmlStopParser(notes->parser);
		return;
	}
	end_text(notes);
	notes->depth++;
	if (notes->skip_depth > 0)
		return;
	if (!document_wants(name, len))
	{
		notes->skip_depth = notes->depth;
		return;
	}
	if (len > NAME_MAX_LEN)
		len = 0;
	to = note_room(notes, 2 + len);
	if (to == NULL)
		return;
	to[0] = NOTE_OPEN;
	to[1] = (char) len;
	memcpy(to + 2, name, len);
	if (document_is_field(name, len))
		notes->field_depth = notes->depth;
}

static void
end_element(void *arg, const xmlChar *localname, const xmlChar *prefix,
			const xmlChar *uri)
{
	XmlNotes   *notes = arg;
	int			depth = notes->depth--;
	char	   *to;

	end_text(notes);
	if (notes->skip_depth > 0)
	{
		if (notes->skip_depth == depth)
			notes->skip_depth = 0;
		return;
	}
	if (notes->field_depth == depth)
		notes->field_depth = 0;
	to = note_room(notes, 1);
	if (to != NULL)
		to[0] = NOTE_CLOSE;
}

static void
characters(void *arg, const xmlChar *data, int len)
{
	XmlNotes   *notes = arg;
	char	   *to;

	if (notes->field_depth == 0 || notes->field_depth != notes->depth)
		return;
	if (notes->text == 0)
	{
		to = note_room(notes, 1 + sizeof(uint32));
		if (to == NULL)
			return;
		to[0] = NOTE_TEXT;
		notes->text = notes->used - sizeof(uint32);
	}
	to = note_room(notes, len);
	if (to != NULL)
		memcpy(to, data, len);
}

static void
document_type(void *arg, const xmlChar *name, const xmlChar *public_id,
			  const xmlChar *system_id)
{
	XmlNotes   *notes = arg;

	notes->doctype = true;
	xmlStopParser(notes->parser);
}

/*
 * The first fatal error is kept.  Others do not matter: a prefix that is not
 * declared is one, and names are known without their prefix.
 */
#if LIBXML_VERSION >= 21200
static void
parser_error(void *arg, const xmlError *error)
#else
static void
parser_error(void *arg, xmlErrorPtr error)
#endif
{
	XmlNotes   *notes = arg;

	if (error->level != XML_ERR_FATAL || notes->failed)
		return;
	notes->failed = true;
	strlcpy(notes->message, error->message != NULL ? error->message : "",
			sizeof(notes->message));
	/* libxml2 ends its messages with a newline */
	notes->message[strcspn(notes->message, "\n")] = '\0';
}

static void
take_notes(XmlNotes *notes, const char *text, int len)
{
	xmlParserCtxtPtr parser;
	xmlSAXHandler handler;
	char	   *data = notes->data;
	Size		size = notes->size;

	memset(&handler, 0, sizeof(handler));
	handler.initialized = XML_SAX2_MAGIC;
	handler.startElementNs = start_element;
	handler.endElementNs = end_element;
	handler.characters = characters;
	handler.internalSubset = document_type;
	handler.serror = parser_error;

	memset(notes, 0, sizeof(*notes));
	notes->data = data;
	notes->size = size;
	parser = xmlNewParserCtxt();
	if (parser == NULL)
	{
		notes->out_of_memory = true;
		return;
	}
	*parser->sax = handler;
	parser->userData = notes;
	notes->parser = parser;
	/* the text is UTF-8 by now, whatever it declares */
	xmlFreeDoc(xmlCtxtReadMemory(parser, text, len, NULL, "UTF-8",
								 XML_PARSE_NONET));
	xmlFreeParserCtxt(parser);
}

static struct varlena *
read_notes(const XmlNotes *notes)
{
	ReportDocument *document = document_begin();
	const char *from = notes->data;
	const char *end = from + notes->used;
	bool		utf8 = GetDatabaseEncoding() == PG_UTF8;
	uint32		len;

	while (from < end)
	{
		switch (*from++)
		{
			case NOTE_OPEN:
				len = *(const unsigned char *) from++;
				document_open(document, from, len);
				from += len;
				break;
			case NOTE_TEXT:
				memcpy(&len, from, sizeof(len));
				from += sizeof(len);
				if (utf8)
					document_text(document, from, len);
				else
				{
					char	   *text = pg_any_to_server(from, len, PG_UTF8);

					document_text(document, text,
								  text == from ? len : strlen(text));
				}
				from += len;
				break;
			case NOTE_CLOSE:
				document_close(document);
				break;
		}
	}
	return document_finish(document);
}

#endif							/* FL_LIBXML */

/* credit_report(xml): from the second-generation document. */
Datum
credit_report_from_xml(PG_FUNCTION_ARGS)
{
#ifdef FL_LIBXML
	xmltype    *document = PG_GETARG_XML_P(0);
	int			len = VARSIZE(document) - VARHDRSZ;
	char	   *text;
	XmlNotes	notes;

	pg_xml_init_library();
	text = pg_server_to_any(VARDATA(document), len, PG_UTF8);
	if (text != VARDATA(document))
		len = strlen(text);
	notes.size = NOTES_SIZE;
	notes.data = palloc(notes.size);
	for (;;)
	{
		take_notes(&notes, text, len);
		if (!notes.interrupted)
			break;
		CHECK_FOR_INTERRUPTS();
	}

	if (notes.out_of_memory)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory"),
				 errdetail("Failed while reading an XML document.")));
	if (notes.doctype)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_XML_DOCUMENT),
				 errmsg("credit report document has a document type declaration"),
				 errdetail("Declarations and the entities that they define are never followed."),
				 errhint("Remove the <!DOCTYPE ...> from the document.")));
	if (notes.failed)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_XML_DOCUMENT),
				 errmsg("credit report is not an XML document"),
				 errdetail("%s.", notes.message)));
	PG_RETURN_POINTER(read_notes(&notes));
#else
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("credit reports in XML are not supported by this build"),
			 errdetail("They need a server that was built with libxml, and this extension built beside the headers of libxml2."),
			 errhint("Use such a build, or convert the document and cast it from jsonb.")));
	PG_RETURN_NULL();
#endif
}
