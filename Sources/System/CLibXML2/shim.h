// libxml2: the HTML parser. Its encoding.h brings iconv, which decodes what is not UTF-8.
#include <iconv.h>
#include <libxml/HTMLparser.h>
#include <libxml/tree.h>
