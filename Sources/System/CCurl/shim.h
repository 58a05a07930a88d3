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
static inline CURLcode acurl_set_open_socket(CURL *handle, curl_opensocket_callback callback) {
  return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, callback);
}
static inline CURLcode acurl_set_before_request(CURL *handle, curl_prereq_callback callback) {
  return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, callback);
}
static inline CURLcode acurl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
  return curl_easy_getinfo(handle, info, value);
}

// Leaves a name lookup that hangs behind, instead of waiting for its thread (libcurl 7.87 and later).
static inline CURLcode acurl_set_quick_exit(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075700
  return curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
#else
  return handle ? CURLE_OK : CURLE_BAD_FUNCTION_ARGUMENT;
#endif
}
static inline CURLMcode acurl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
