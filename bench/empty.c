/* What svc is measured against: a process that starts with jansson, libyaml and PCRE2 loaded, and ends. */
int main(void)
{
    return 0;
}
