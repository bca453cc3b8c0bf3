/* What other rooms ask about images. */
#ifndef SVC_RULES_IMAGE_H
#define SVC_RULES_IMAGE_H

#include "document/json.h"

/* Whether the image, which may be known in part only, has a tag that is moved from one image to the next, or none. */
bool image_is_moving(const Json *image);

#endif
