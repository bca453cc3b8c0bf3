#include "plan/plan_sign.h"

#include "base/buffer.h"
#include "base/file.h"

#include <dlfcn.h>

enum { KEY_BYTES_MAX = 64 * 1024, SIGNATURE_BYTES = 64, ED25519 = 1087 /* NID_ED25519 */ };

/* What is used of libcrypto; its types are never looked into. */
typedef struct Crypto {
    void *(*read_text)(const void *bytes, int length);
    int (*free_text)(void *bio);
    void *(*read_private)(void *bio, void **key, void *password, void *context);
    void *(*read_public)(void *bio, void **key, void *password, void *context);
    void (*free_key)(void *key);
    int (*key_kind)(const void *key);
    void *(*new_context)(void);
    void (*free_context)(void *context);
    int (*sign_init)(void *context, void **method, const void *digest, void *engine, void *key);
    int (*sign)(void *context, unsigned char *signature, size_t *length, const unsigned char *bytes, size_t count);
    int (*verify_init)(void *context, void **method, const void *digest, void *engine, void *key);
    int (*verify)(void *context, const unsigned char *signature, size_t length, const unsigned char *bytes, size_t count);
} Crypto;

static bool find(void *library, const char *name, void *function, size_t size)
{
    void *address = dlsym(library, name);
    memcpy(function, &address, size); /* ISO C has no conversion between the two */
    return address != NULL;
}
#define FIND(crypto, member, name) find(library, name, &(crypto)->member, sizeof (crypto)->member)

/* Stays loaded: the process ends soon. */
static bool load(Crypto *out)
{
    static const char *const names[] = {"libcrypto.so.3", "libcrypto.so"};
    void *library = NULL;
    for (size_t i = 0; !library && i < sizeof names / sizeof *names; i++)
        library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    return library && FIND(out, read_text, "BIO_new_mem_buf") && FIND(out, free_text, "BIO_free") && FIND(out, read_private, "PEM_read_bio_PrivateKey") &&
           FIND(out, read_public, "PEM_read_bio_PUBKEY") && FIND(out, free_key, "EVP_PKEY_free") && FIND(out, key_kind, "EVP_PKEY_get_id") &&
           FIND(out, new_context, "EVP_MD_CTX_new") && FIND(out, free_context, "EVP_MD_CTX_free") && FIND(out, sign_init, "EVP_DigestSignInit") &&
           FIND(out, sign, "EVP_DigestSign") && FIND(out, verify_init, "EVP_DigestVerifyInit") && FIND(out, verify, "EVP_DigestVerify");
}

static bool report(Diagnostics *sink, Text subject, const char *problem, const char *advice)
{
    Diagnostic *diagnostic = diagnostic_report(sink, CODE_BAD_SIGNATURE, SPAN_NONE, "%.*s %s", TEXT_ARG(subject), problem);
    diagnostic_set_advice(sink, diagnostic, "%s", advice);
    return false;
}

/* A key that asks for a password has none here. */
static int no_password(char *buffer, int size, int writes, void *context)
{
    (void)buffer;
    (void)size;
    (void)writes;
    (void)context;
    return 0;
}

static void *read_key(Arena *arena, Diagnostics *sink, const Crypto *crypto, Text path, bool is_private)
{
    Text text;
    void *password = NULL;
    int (*const callback)(char *, int, int, void *) = no_password;
    memcpy(&password, &callback, sizeof password);
    if (!diagnostic_read_file(arena, sink, path, KEY_BYTES_MAX, &text))
        return NULL;
    void *bio = crypto->read_text(text.ptr, (int)text.len);
    void *key = !bio ? NULL : is_private ? crypto->read_private(bio, NULL, password, NULL) : crypto->read_public(bio, NULL, password, NULL);
    if (bio)
        (void)crypto->free_text(bio);
    if (key && crypto->key_kind(key) == ED25519)
        return key;
    if (key)
        crypto->free_key(key);
    (void)report(sink, path, is_private ? "is no private key of Ed25519 in PEM, or it has a password" : "is no public key of Ed25519 in PEM",
                 "make a pair: openssl genpkey -algorithm ed25519 -out key.pem && openssl pkey -in key.pem -pubout -out key.pub");
    return NULL;
}

bool plan_sign(Arena *arena, Diagnostics *sink, Text key, Text seal, Text *out)
{
    Crypto crypto;
    unsigned char signature[SIGNATURE_BYTES];
    size_t length = sizeof signature;
    if (!load(&crypto))
        return report(sink, key, "cannot be used: libcrypto is not there", "install OpenSSL 3's library, libssl3 of Debian");
    void *loaded = read_key(arena, sink, &crypto, key, true);
    if (!loaded)
        return false;
    void *context = crypto.new_context();
    bool is_signed = context && crypto.sign_init(context, NULL, NULL, NULL, loaded) == 1 &&
                     crypto.sign(context, signature, &length, (const unsigned char *)seal.ptr, seal.len) == 1 && length == sizeof signature;
    crypto.free_context(context);
    crypto.free_key(loaded);
    if (!is_signed)
        return report(sink, key, "did not sign", "try another key");
    Buffer hex = {0};
    for (size_t i = 0; i < sizeof signature; i++)
        buffer_add_format(&hex, "%c%c", "0123456789abcdef"[signature[i] >> 4], "0123456789abcdef"[signature[i] & 15]);
    *out = arena_copy_text(arena, buffer_text(&hex));
    buffer_free(&hex);
    return true;
}

static int digit_of(char c)
{
    return byte_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(Text text, unsigned char out[SIGNATURE_BYTES])
{
    if (text.len != 2 * SIGNATURE_BYTES)
        return false;
    for (size_t i = 0; i < SIGNATURE_BYTES; i++) {
        int high = digit_of(text.ptr[2 * i]);
        int low = digit_of(text.ptr[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

bool plan_check_signature(Arena *arena, Diagnostics *sink, Text key, Text path, Text seal, Text signature)
{
    Crypto crypto;
    unsigned char bytes[SIGNATURE_BYTES];
    if (!read_hex(signature, bytes))
        return report(sink, path, signature.len ? "has a signature of another form" : "is not signed", "sign it where it is approved: svc plan --sign key.pem");
    if (!load(&crypto))
        return report(sink, key, "cannot be used: libcrypto is not there", "install OpenSSL 3's library, libssl3 of Debian");
    void *loaded = read_key(arena, sink, &crypto, key, false);
    if (!loaded)
        return false;
    void *context = crypto.new_context();
    bool is_good = context && crypto.verify_init(context, NULL, NULL, NULL, loaded) == 1 &&
                   crypto.verify(context, bytes, sizeof bytes, (const unsigned char *)seal.ptr, seal.len) == 1;
    crypto.free_context(context);
    crypto.free_key(loaded);
    return is_good || report(sink, path, "is not signed by this key", "have it signed where it is approved, or give that key after --require-signature");
}
