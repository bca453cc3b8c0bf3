#include "document/arn.h"

Text arn_part(Text arn, ArnPart part)
{
    for (unsigned i = 0; i < part; i++) {
        size_t colon = text_find_byte(arn, ':');
        if (colon == arn.len)
            return TEXT_NONE;
        arn = text_slice(arn, colon + 1, arn.len);
    }
    return part == ARN_RESOURCE ? arn : text_slice(arn, 0, text_find_byte(arn, ':'));
}

bool arn_split(Text arn, Text parts[ARN_PARTS])
{
    for (size_t i = 0; i < ARN_RESOURCE; i++) {
        size_t colon = text_find_byte(arn, ':');
        if (colon == arn.len)
            return false;
        parts[i] = text_slice(arn, 0, colon);
        arn = text_slice(arn, colon + 1, arn.len);
    }
    parts[ARN_RESOURCE] = arn;
    return text_equal_c(parts[ARN_PREFIX], "arn");
}

bool arn_is_account(Text text)
{
    enum { ACCOUNT_DIGITS = 12 };
    return text.len == ACCOUNT_DIGITS && text_count_digits(text) == ACCOUNT_DIGITS;
}

/* Words and one digit at the end, three parts at least: ap-southeast-2, us-iso-east-1. */
bool arn_is_region(Text text)
{
    size_t hyphens = 0;
    for (size_t i = 0; i + 1 < text.len; i++) {
        hyphens += text.ptr[i] == '-';
        if (text.ptr[i] != '-' && !(text.ptr[i] >= 'a' && text.ptr[i] <= 'z'))
            return false;
    }
    return hyphens >= 2 && byte_is_digit(text.ptr[text.len - 1]) && text.ptr[text.len - 2] == '-';
}
