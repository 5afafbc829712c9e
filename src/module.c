/*
 * module.c
 *		What makes the shared library a PostgreSQL module: its settings.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "first_loan_set.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

void
_PG_init(void)
{
	DefineCustomIntVariable("first_loan.max_state_memory",
							"Sets the maximum memory of one first-loan set while it is made.",
							"A statement that needs more ends with an error. -1 means no limit.",
							&set_max_state_memory,
							-1, -1, MAX_KILOBYTES,
							PGC_USERSET, GUC_UNIT_KB,
							NULL, NULL, NULL);
#if PG_VERSION_NUM >= 150000
	MarkGUCPrefixReserved("first_loan");
#else
	EmitWarningsOnPlaceholders("first_loan");
#endif
}
