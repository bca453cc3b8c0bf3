/* The source files of a run, and places in them. */
#ifndef SVC_DIAGNOSTICS_SOURCE_H
#define SVC_DIAGNOSTICS_SOURCE_H

#include "base/array.h"

/* A half-open range of bytes in a file of a Sources. Line and column are computed only when shown. */
typedef struct Span {
    uint32_t file;
    uint32_t start;
    uint32_t end;
} Span;

typedef ARRAY(Span) SpanArray;

typedef struct Position {
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1, in characters */
} Position;

/* A place between characters, and how many of them stand before it in the file. */
typedef struct SourceMark {
    uint32_t offset;
    uint32_t characters;
} SourceMark;

typedef struct SourceFile {
    Text path;          /* as shown to people: as given on the command line, "<stdin>", or "std/metrics.svc" for the library */
    Text text;
    uint32_t *lines;    /* offsets of line starts; computed on first use */
    size_t line_count;
    bool is_library;    /* part of the standard library */
    SourceMark *marks;  /* computed on first use: lines may be as long as the file */
} SourceFile;

/* Zero-initialise. File 0 is the first one added. What is kept about files lives in the arena of the first one, which must outlive the
   sources: files come and go, and the library's stay. */
typedef struct Sources {
    Arena *arena;
    ARRAY(SourceFile *) files;
} Sources;

/* Registers a file; path and text must outlive the sources. Returns its index for Span.file. */
uint32_t sources_add(Arena *arena, Sources *sources, Text path, Text text, bool is_library);

Position sources_locate(const Sources *sources, uint32_t file, uint32_t offset);
/* The text of a line (from 1) without its line end. */
Text sources_line(const Sources *sources, uint32_t file, uint32_t line);
Text sources_text(const Sources *sources, Span span);
Text sources_path(const Sources *sources, uint32_t file);
/* From the start of a to the end of b; both in one file. */
Span span_join(Span a, Span b);
/* A span of no bytes that means "nowhere": file UINT32_MAX. */
extern const Span SPAN_NONE;
bool span_is_none(Span span);

#endif
