/* SPDX-License-Identifier: MIT */
/* The names in a folder. Numbers cite the invariants of the header. */
#include "fs/folder.h"
#include "abi/linux/errno.h"
#include "lib/clock.h"
#include "lib/string.h"
#include "mm/slab/slab.h"

struct dentry *name_buckets[NAME_BUCKETS];
u32 folder_changes;

void folders_init(void)
{
	folder_changed(true);
	memset(name_buckets, 0, sizeof(name_buckets));
}

static struct dentry *order_entry(const struct gap_node *node)
{
	return gap_entry(node, struct dentry, by_order);
}

struct name name_of(const char *text)
{
	return name_with(text, (u32)strlen(text));
}

int folder_lookup(struct inode *folder, const struct name *name, struct inode **found)
{
	const struct dentry *dentry = folder_find(folder, name);

	if (!dentry)
		return name->length > NAME_MAX ? -ENAMETOOLONG : -ENOENT;
	*found = dentry->inode;
	inode_get(*found);
	return 0;
}

struct dentry *dentry_alloc(const struct name *name)
{
	struct dentry *dentry = kmalloc(sizeof(*dentry) + name->length + 1, GFP_KERNEL);

	BUG_ON(!name->length || name->length > NAME_MAX);
	if (!dentry)
		return NULL;
	*dentry = (struct dentry){ .hash = name->hash, .length = (u8)name->length };
	memcpy(dentry->text, name->text, name->length);
	dentry->text[name->length] = '\0';
	return dentry;
}

void dentry_free(struct dentry *dentry)
{
	kfree(dentry);
}

static void insert(struct inode *folder, struct dentry *dentry)
{
	struct folder *names = &folder->folder;
	struct dentry **bucket = name_bucket(folder, dentry->hash);
	const struct name name = { dentry->text, dentry->length, dentry->hash };

	BUG_ON(folder_find(folder, &name)); /* (2) */
	dentry->next = *bucket;
	*bucket = dentry;
	dentry->order = names->next_order++;
	gap_insert_after(&names->by_order, gap_last(&names->by_order), &dentry->by_order, 0);
	dentry->folder = folder;
	inode_get(folder);
}

static void remove(struct dentry *dentry)
{
	struct dentry **link = name_bucket(dentry->folder, dentry->hash);

	while (*link != dentry)
		link = &(*link)->next;
	*link = dentry->next;
	gap_erase(&dentry->folder->folder.by_order, &dentry->by_order);
}

static void count_links(struct inode *folder, struct inode *inode, int by)
{
	bool is_folder = is_kind(inode, S_IFDIR);

	folder_changed(is_folder && by < 0);
	inode->nlink += (u32)(is_folder ? 2 * by : by);
	folder->nlink += (u32)(is_folder ? by : 0);
	inode_modified(folder);
}

void folder_add(struct inode *folder, struct dentry *dentry, struct inode *inode)
{
	BUG_ON(!folder->nlink);
	BUG_ON(is_kind(inode, S_IFDIR) && !list_empty(&inode->names)); /* (4) */
	insert(folder, dentry);
	dentry->inode = inode;
	inode_get(inode);
	list_add_tail(&dentry->same, &inode->names);
	count_links(folder, inode, 1);
	inode->times.change = folder->times.change;
}

void folder_remove(struct dentry *dentry)
{
	struct inode *inode = dentry->inode, *folder = dentry->folder;

	remove(dentry);
	count_links(folder, inode, -1);
	inode->times.change = folder->times.change;
	if (inode->nlink) {
		inode->fs->inodes--;
		list_del(&dentry->same);
		dentry_free(dentry);
		inode_put(folder);
	}
	inode_put(inode);
}

void folder_show(struct inode *folder, struct dentry *dentry, struct inode *inode)
{
	BUG_ON(inode->nlink || !list_empty(&inode->names));
	dentry->inode = inode;
	dentry->folder = folder;
	inode_get(folder);
	list_add_tail(&dentry->same, &inode->names);
}

void folder_forget(struct inode *inode)
{
	struct dentry *dentry = inode_dentry(inode);
	struct inode *folder;

	BUG_ON(!inode->linkable || !dentry || dentry->same.next == &inode->names);
	folder = dentry->folder;
	inode->linkable = false;
	list_del(&dentry->same);
	dentry_free(dentry);
	inode_put(folder);
}

bool folder_lies_in(struct inode *folder, const struct inode *inode)
{
	while (folder != inode && folder_parent(folder) != folder)
		folder = folder_parent(folder);
	return folder == inode;
}

/*
 * The entry with the new name takes the place of the old one among the inode's names, so that
 * (4) holds at each moment.
 */
void folder_move(struct dentry *dentry, struct inode *folder, struct dentry *as)
{
	struct inode *inode = dentry->inode, *old = dentry->folder;

	remove(dentry);
	count_links(old, inode, -1);
	insert(folder, as);
	as->inode = inode; /* with the old entry's reference */
	list_add(&as->same, &dentry->same);
	list_del(&dentry->same);
	count_links(folder, inode, 1);
	inode->times.change = folder->times.change;
	dentry_free(dentry);
	inode_put(old);
}

void folder_exchange(struct dentry *a, struct dentry *b)
{
	struct inode *first = a->inode, *second = b->inode;

	count_links(a->folder, first, -1);
	count_links(b->folder, second, -1);
	list_del(&a->same);
	list_del(&b->same);
	a->inode = second;
	b->inode = first;
	list_add(&a->same, &second->names);
	list_add(&b->same, &first->names);
	count_links(a->folder, second, 1);
	count_links(b->folder, first, 1);
	first->times.change = second->times.change = a->folder->times.change;
}

struct dentry *folder_entry_from(const struct inode *folder, u32 order)
{
	struct gap_node *node = folder->folder.by_order.root, *found = NULL;

	while (node) {
		bool after = order_entry(node)->order < order;

		if (!after)
			found = node;
		node = node->child[after];
	}
	return found ? order_entry(found) : NULL;
}

bool folder_next(struct inode *folder, u32 *position, struct folder_entry *entry)
{
	const struct dentry *dentry = folder_entry_from(folder, *position);

	if (!dentry)
		return false;
	*position = dentry->order + 1;
	entry->ino = dentry->inode->mapping.ino;
	entry->mode = dentry->inode->mode;
	entry->length = dentry->length;
	memcpy(entry->text, dentry->text, dentry->length + 1u);
	return true;
}

static const char *validate_name(const struct inode *folder, const struct dentry *dentry)
{
	const struct name name = { dentry->text, dentry->length, dentry->hash };

	if (dentry->folder != folder || !dentry->inode->mapping.count)
		return "folder (1): a name belongs to another folder or has no inode";
	if (!dentry->length || name_hash(dentry->text, dentry->length) != dentry->hash)
		return "folder (1): a name has another hash";
	/* Of two equal names one is found for both. */
	if (folder_find(folder, &name) != dentry)
		return "folder (2): a name is not in its bucket, or twice";
	if (is_kind(dentry->inode, S_IFDIR) && inode_dentry(dentry->inode) != dentry)
		return "folder (4): a folder has two names";
	return NULL;
}

const char *folder_validate(const struct inode *folder)
{
	struct gap_node *node = gap_first(&folder->folder.by_order), *last = NULL;
	const char *violated = gap_tree_validate(&folder->folder.by_order);

	for (; !violated && node; last = node, node = gap_next(node)) {
		violated = validate_name(folder, order_entry(node));
		if (order_entry(node)->order < (last ? order_entry(last)->order + 1 : FIRST_ORDER))
			violated = "folder (3): numbers are not in order";
	}
	return violated;
}
