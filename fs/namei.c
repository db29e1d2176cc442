/* SPDX-License-Identifier: MIT */
/* The path walk. */
#include "fs/namei.h"
#include "fs/process.h"
#include "abi/linux/errno.h"
#include "lib/string.h"

struct inode *root_inode;

/* Replaces `at`. Takes over the reference to the new one. */
static void move_to(struct nameidata *nd, struct inode *folder)
{
	inode_put(nd->at);
	nd->at = folder;
}

/* Takes the next component from the text. */
static void take_component(struct nameidata *nd)
{
	const char *from = nd->text, *to;

	while (*from == '/')
		from++;
	nd->last = name_at(from);
	to = from + nd->last.length;
	nd->slash = *to == '/';
	while (*to == '/')
		to++;
	nd->text = to;
	nd->kind = LAST_NAME;
	if (!nd->last.length)
		nd->kind = LAST_ROOT;
	else if (*from == '.' && nd->last.length == 1)
		nd->kind = LAST_DOT;
	else if (*from == '.' && from[1] == '.' && nd->last.length == 2)
		nd->kind = LAST_DOTDOT;
}

/* Drops the reference to what is on another file system, if the walk may not leave its own. */
static int check_crossing(const struct nameidata *nd, struct inode *found)
{
	if (!(nd->resolve & RESOLVE_NO_XDEV) || found->fs == nd->at->fs)
		return 0;
	inode_put(found);
	return -EXDEV;
}

int path_last(struct nameidata *nd, struct inode **found)
{
	int err;

	if (nd->kind == LAST_NAME) {
		if (likely(!nd->at->operations->lookup))
			err = folder_lookup(nd->at, &nd->last, found);
		else
			err = nd->at->operations->lookup(nd->at, &nd->last, found);
		return unlikely(nd->resolve) && !err ? check_crossing(nd, *found) : err;
	}
	*found = nd->at;
	nd->rooted |= nd->kind == LAST_DOTDOT;
	if (nd->kind == LAST_DOTDOT && nd->at == nd->top && nd->resolve & RESOLVE_BENEATH)
		return -EXDEV;
	if (nd->kind == LAST_DOTDOT && nd->at != path_root() && nd->at != nd->top)
		*found = folder_parent(nd->at);
	if (unlikely(nd->resolve & RESOLVE_NO_XDEV) && (*found)->fs != nd->at->fs)
		return -EXDEV;
	inode_get(*found);
	return 0;
}

/* Sets the text of the current depth; `link`, with its reference, keeps it. */
static void set_text(struct nameidata *nd, const char *text, struct inode *link)
{
	if (nd->holder[nd->depth])
		inode_put(nd->holder[nd->depth]);
	nd->holder[nd->depth] = link;
	nd->text = text;
}

/* Where the text of a link begins that begins with a slash. */
static struct inode *root_of(const struct nameidata *nd)
{
	return nd->top ? nd->top : path_root();
}

/* 0, or the error of what the walk may not do. */
static int may_follow(const struct nameidata *nd, const struct inode *link)
{
	if (nd->resolve & RESOLVE_NO_SYMLINKS)
		return -ELOOP;
	if (!link->operations->follow) {
		if (*link->target != '/')
			return 0;
		if (nd->resolve & RESOLVE_NO_XDEV && (!nd->rooted || root_of(nd)->fs != nd->at->fs))
			return -EXDEV;
		return nd->resolve & RESOLVE_BENEATH ? -EXDEV : 0;
	}
	if (link->operations->follows_text)
		return 0;
	if (nd->resolve & RESOLVE_NO_MAGICLINKS)
		return -ELOOP;
	return nd->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) ? -EXDEV : 0;
}

/* Walks into a link: `at` is its folder. Takes over the reference. Else as path_follow(). */
static int enter_link(struct nameidata *nd, struct inode *link, struct inode **target)
{
	int err;

	*target = NULL;
	if (++nd->links > LINKS_MAX) {
		inode_put(link);
		return -ELOOP;
	}
	err = unlikely(nd->resolve) ? may_follow(nd, link) : 0;
	if (err) {
		inode_put(link);
		return err;
	}
	if (link->operations->follow) {
		err = link->operations->follow(link, target);
		inode_put(link);
		return unlikely(nd->resolve) && !err ? check_crossing(nd, *target) : err;
	}
	/* A rest that is empty need not wait: the link's text takes its place. */
	if (*nd->text) {
		nd->rest[nd->depth++] = nd->text;
		nd->holder[nd->depth] = NULL;
	}
	set_text(nd, link->target, link);
	if (*link->target == '/') {
		inode_get(root_of(nd));
		move_to(nd, root_of(nd));
	}
	return 0;
}

/* Goes on with what waits, if the text of this depth has ended. */
static void leave_texts(struct nameidata *nd)
{
	while (!*nd->text && nd->depth) {
		set_text(nd, NULL, NULL);
		nd->text = nd->rest[--nd->depth];
	}
}

/* Steps into the last component, which others follow. */
static int step(struct nameidata *nd)
{
	struct inode *found, *target;
	int err = path_last(nd, &found);

	if (err)
		return err;
	if (unlikely(is_kind(found, S_IFLNK))) {
		err = enter_link(nd, found, &target);
		if (err || !target)
			return err;
		found = target;
	}
	if (unlikely(!is_kind(found, S_IFDIR))) {
		inode_put(found);
		return -ENOTDIR;
	}
	move_to(nd, found);
	leave_texts(nd);
	return 0;
}

/* Walks until the last component of all texts, in a folder that may be searched for it. */
static int walk(struct nameidata *nd)
{
	int err = 0;

	while (!err) {
		take_component(nd);
		if (nd->kind != LAST_ROOT)
			err = inode_permission(nd->at, MAY_EXEC);
		if (!*nd->text && !nd->depth)
			break;
		if (!err)
			err = step(nd);
	}
	return err;
}

int path_start_resolved(struct inode *base, const char *path, u32 resolve, struct nameidata *nd)
{
	int err;

	if (!*path)
		return -ENOENT;
	if (*path == '/' && resolve & RESOLVE_BENEATH)
		return -EXDEV;
	nd->resolve = resolve;
	nd->top = NULL;
	if (unlikely(resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)))
		nd->top = base ? base : path_cwd();
	if (*path == '/')
		nd->at = nd->top ? nd->top : path_root();
	else
		nd->at = base ? base : path_cwd();
	nd->rooted = *path == '/' || nd->top;
	inode_get(nd->at);
	if (unlikely(nd->top != NULL))
		inode_get(nd->top);
	nd->text = path;
	nd->links = nd->depth = 0;
	nd->holder[0] = NULL;
	if (unlikely(!is_kind(nd->at, S_IFDIR)))
		err = -ENOTDIR;
	else
		err = walk(nd);
	if (err)
		path_end(nd);
	return err;
}

int path_start(struct inode *base, const char *path, struct nameidata *nd)
{
	return path_start_resolved(base, path, 0, nd);
}

void path_end(struct nameidata *nd)
{
	inode_put(nd->at);
	if (unlikely(nd->top != NULL))
		inode_put(nd->top);
	for (u32 i = 0; i <= nd->depth; i++)
		if (unlikely(nd->holder[i] != NULL))
			inode_put(nd->holder[i]);
}

int path_follow(struct nameidata *nd, struct inode *link, struct inode **target)
{
	bool slash = nd->slash;
	int err = enter_link(nd, link, target);

	if (err || *target)
		return err;
	err = walk(nd);
	nd->slash |= slash;
	return err;
}

/* The last component, through all links if `follow` or a slash say so. */
static int lookup_last(struct nameidata *nd, bool follow, struct inode **found)
{
	int err = path_last(nd, found);

	while (!err && is_kind(*found, S_IFLNK) && (follow || nd->slash)) {
		struct inode *target;

		err = path_follow(nd, *found, &target);
		if (err)
			return err;
		if (target)
			*found = target;
		else
			err = path_last(nd, found);
		if (target)
			break;
	}
	return err;
}

int path_resolve_in(struct inode *base, const char *path, u32 flags, u32 resolve,
		    struct inode **found)
{
	struct nameidata nd;
	int err = path_start_resolved(base, path, resolve, &nd);

	if (err)
		return err;
	err = lookup_last(&nd, flags & LOOKUP_FOLLOW, found);
	if (!err && (nd.slash || flags & LOOKUP_FOLDER) && !is_kind(*found, S_IFDIR)) {
		inode_put(*found);
		err = -ENOTDIR;
	}
	path_end(&nd);
	return err;
}

int path_resolve(struct inode *base, const char *path, u32 flags, struct inode **found)
{
	return path_resolve_in(base, path, flags, 0, found);
}

int path_lookup(struct inode *base, const char *path, u32 flags, struct inode **found)
{
	*found = path_quick(base, path, (u32)strlen(path));
	if (!*found)
		return path_resolve(base, path, flags, found);
	if (!(flags & LOOKUP_FOLDER) || is_kind(*found, S_IFDIR))
		return 0;
	inode_put(*found);
	return -ENOTDIR;
}
