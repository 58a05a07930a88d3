// libcurl. `curl_easy_setopt` and `curl_easy_getinfo` are variadic, which Swift cannot call: one function per use.
#include <curl/curl.h>

static inline CURLcode acurl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode acurl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode acurl_set_string(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode acurl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode acurl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}
typedef size_t (*acurl_data_callback)(char *data, size_t size, size_t count, void *context);
static inline CURLcode acurl_set_callback(CURL *handle, CURLoption option, acurl_data_callback callback) {
  return curl_easy_setopt(handle, option, callback);
}
typedef int (*acurl_progress_callback)(
    void *context, curl_off_t download_size, curl_off_t downloaded, curl_off_t upload_size, curl_off_t uploaded);
static inline CURLcode acurl_set_progress(CURL *handle, acurl_progress_callback callback) {
  return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, callback);
}
static inline CURLcode acurl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}
