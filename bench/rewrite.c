/* What `svc build` is measured against: parses JSON documents with jansson and writes them again, sorted and indented as svc does,
   with the same care for the disk: each document into its own file of a fresh directory tree.
       rewrite FROM TO     (both end in no slash; TO is made) */
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int rewrite_tree(const char *from, const char *to);

static int rewrite_entry(const char *from, const char *to, const char *name)
{
    char source[4096];
    char target[4096];
    int source_length = snprintf(source, sizeof source, "%s/%s", from, name);
    int target_length = snprintf(target, sizeof target, "%s/%s", to, name);
    if (source_length >= (int)sizeof source || target_length >= (int)sizeof target)
        return 1;
    struct stat status;
    if (stat(source, &status) != 0)
        return 1;
    if (S_ISDIR(status.st_mode))
        return rewrite_tree(source, target);
    json_error_t error;
    json_t *document = json_load_file(source, JSON_DECODE_ANY, &error);
    if (!document) {
        (void)fprintf(stderr, "%s: %s\n", source, error.text);
        return 1;
    }
    int failed = json_dump_file(document, target, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    json_decref(document);
    return failed != 0;
}

static int rewrite_tree(const char *from, const char *to)
{
    DIR *directory = opendir(from);
    if (!directory || (mkdir(to, 0777) != 0 && errno != EEXIST))
        return 1;
    int failed = 0;
    for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            failed |= rewrite_entry(from, to, entry->d_name);
    (void)closedir(directory);
    return failed;
}

int main(int argc, char **argv)
{
    return argc == 3 ? rewrite_tree(argv[1], argv[2]) : 64;
}
