EXTENSION = first_loan
EXTVERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" first_loan.control)

MODULE_big = first_loan
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
LOCAL_HEADERS = $(wildcard src/*.h)

# The install script is one SQL truth, assembled from a part per topic.
# The update scripts are made from the same parts: the changes to objects that
# were there, then the parts that are new since.
BASE_SQL = sql/$(EXTENSION)--$(EXTVERSION).sql
PARTS = $(sort $(wildcard sql/install/*.sql))
PARTS_0.1.0 = $(patsubst %,sql/install/%.sql,00-guard 10-uscc 20-loan_security \
	30-classification 40-stat_period 50-credit_report 60-first_loan_set 70-aggregates)
UPDATE_SQL = sql/$(EXTENSION)--0.1.0--$(EXTVERSION).sql
UPDATE_PARTS = sql/update/0.1.0--$(EXTVERSION).sql $(filter-out $(PARTS_0.1.0),$(PARTS))
DATA_built = $(BASE_SQL) $(UPDATE_SQL)
# For the tests: make OLD_VERSIONS=1 install
DATA = $(if $(OLD_VERSIONS),$(wildcard test/upgrade/$(EXTENSION)--*.sql))

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --outputdir=test/results --load-extension=$(EXTENSION)
ISOLATION = $(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test/isolation --outputdir=test/results --load-extension=$(EXTENSION)
EXTRA_CLEAN = test/results

# No warning is let through where CI or a developer asks: make WERROR=1
PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers -Wno-cast-function-type \
	$(if $(findstring clang,$(CC)),-Wno-ignored-optimization-argument \
		-Wno-unknown-warning-option -Wno-ignored-attributes) \
	$(if $(WERROR),-Werror)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(OBJS): $(LOCAL_HEADERS)

$(BASE_SQL): $(PARTS)
	cat $^ > $@

$(UPDATE_SQL): $(UPDATE_PARTS)
	cat $^ > $@
