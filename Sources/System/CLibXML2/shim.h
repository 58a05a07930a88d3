// libxml2: the HTML parser; and iconv, for what is not UTF-8.
#include <iconv.h>
#include <libxml/xmlversion.h>
// Its headers would bring those of the system's ICU, whose types collide with the ones of Foundation's ICU. What they
// are needed for, an encoding handler's fields, is not used here.
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/tree.h>

// `xmlFree` is a variable that holds a function.
static inline void axml_free(void *memory) { xmlFree(memory); }
