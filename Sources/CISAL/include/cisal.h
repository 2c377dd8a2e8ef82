// SPDX-License-Identifier: Apache-2.0
#ifndef CISAL_H
#define CISAL_H
#endif
