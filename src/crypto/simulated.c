/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>

#include "../codec/hex.h"
#include "chain.h"

#define DIGEST	32			/* octets of SHA-256 */

/*
 * Keys whose private halves everybody has: those of the simulated TEEs, and
 * of the roots and authorities above them.  SHA-256 of each one's
 * SubjectPublicKeyInfo, in order.  A test holds them against sim/, which
 * production does not contain.
 */
static const char *const simulated[] = {
	"01243fa35ddafeee8285bbb2497158b4829bd0861118c92c7cb4b923cf278281",
	"02f016ac54f2d4c326fa2d0a12d95d711452962a29a756aefc4f268515694e26",
	"0798112a09bc72aaaf3b769900c716b35af403a18814f0de64c633e19163e0cf",
	"089e96560f8c47245e17ccaf6c94405bec337ae8cf63a5d2ae64250ee4549f35",
	"0e4efda528d5c5547543013fe2350bb6bd902bf2f655493f3f2597d61da5d42d",
	"1248e74b44f0b0d006903018d5d48aafa2ed580c2e6e51682db47329f9550ef8",
	"16c688f801ec9e17e154dd29326cbba35ca0e9d69983a908c6f639c586240346",
	"17d5cf93d4f20ee7cb475a2879078cbe4c57e64953d0d947cc9d5bcacec8527a",
	"1895dd1f0cdbd0e5df2af503ac095ab1359fb6c1c2a63bd5f9d1256bd4e5a761",
	"199755d11c7c2f5b104493b523f2cdf71d0be98a0084e7e9148af44d6b87628f",
	"1a60696e473283f1deab3bc72aa6d94a40ef0212a3898e7b2c8893b8c3f14e35",
	"1b588f3dc65f0ce554ab8017f019e1cf69382d95d6f1dc5fba1dfa0f327b5352",
	"1bcde3045c8f359a52fb7a7046ca424e2cdb546d64c3b846b248e77809ba9913",
	"1de75812feeac40cf1fd0bdf0302d6d82cc17c92519e87120108d49b5197cec4",
	"2091afa1e1841b4e256f1b9481a50b848955726216914d9cffcd4ec1e24e3aee",
	"21d52873a5405c21745fc2cd3b78ef3178da54fd6ddbf35b4ff249b7e2ea65b6",
	"220e7929b253b8dc4df0425952094031b0c5ffe5b924a77d9525abf4aafa3958",
	"24bbc46225afd2bbeeb0f0c08daf60ca10d0458b2a07a62a1c6939076a9a5681",
	"2f4397e7da1baad02244874c42508c655f97922bfc75cda373e17e0bb3c88f53",
	"33ffd362d1e8e969e151f99bb423c418984ca17217ed888174af8cfecd30c317",
	"346d552b6f8c90fe79a25a66b5cc1036b8d8a480bdc8c9c04aea0ee54acf6008",
	"35eac807c8f25ea562d7de69162ca3b8aae6e08060dfd5cf882a917fbd5105b9",
	"3a423407764b1d637df95f06a97c3c90c83286829eeeb7140a447f72354f091a",
	"42551682065e7d9b3abc1457f42465a2d640d72dacd57ab99bc820da3e525a26",
	"4704ca70e5cc591f3da4b837010a72562b484ffe976a645e18fde017a0d678bd",
	"4e4dcdad62b76307b2528e888a1ae9ccd306039c97707e0be1f1f71e925cf074",
	"4eb64823d0c3e75b8b6fcc6acd29f1a6c33f30711db940357289f309ef772aea",
	"518843c6ff513ba956ddffe13393c24d71104acc6cad8e73e1fdf8a61b94c1cf",
	"52c8f98faf6038e75a6956f2bf36ca7eeacfac210b344cf080066155a21beddc",
	"530367b75f52b44727d42986b3ac1526dfcdf9a061d3c70e845d789d9fa33ed1",
	"58f742b03240cb3d3348a3f0c7d6620c4efb87f9074ebae7e6060dce72a07d30",
	"5bf00c38770fe9bbb76456f166e241e0955cc3bc2210f27adb6dd1ffeab31ddf",
	"5fa2d6d00d7dbed9377f402847958b9610e910b77fff997e922b08d7b3c591c1",
	"61e436c67aac8353ac094809b8d96608d1ea60d4f67994c0e4ccf5b2976ff4fb",
	"6273e9d0d5fa5a0d3413987b941315c13865586e251063e842e8fa13428ecaf6",
	"6b6ac8160918a803f80bbe83958d1db72798f632b0d43ce68882f6e8cb3e67e7",
	"6c34c6631d514a040facbaec841f206ecdd1586e8ba87de08ec6bb3ae7e5cb6a",
	"72ac9940612f90eb19de338daca934ab7f60eba7697d41cff5d8ee7c6d240e1e",
	"73d44505a87ca8914c8b8bba925d2adc2ed0b10768daf7808960be1e1282a1cd",
	"75d6e8bbc4439ac0529cec2b4661cf95421ef54ed7416ecffb927e6d6f29496a",
	"77e55e26f98e6039304c0927d5980ee20383cc580f46b7e9bc7fc4f30aed15fc",
	"79b0ab6107e67851eace5d1dd00a4dfc7d5cdf53392a604a209adc85bc1b65b7",
	"7a4bac77cef6ff6b453d3aad6b23d25f0f163598db0314953ef40cde4e7a4654",
	"7ce37164f276ac32f0942210c7305072489024c229d2a154effc07cf03e17b47",
	"80db368e9f70293b52c337ae24fe7306c009bb148857d70158d6c2a3e5d75e27",
	"8375774747c5221b129310d8dbce40853682bc0db548185c403d8efe0b82baa7",
	"856c7bdf4e0bf8a90f8936b3fb260e1fccaaf6e7f416fbc216c433364f6437cf",
	"85f485cac5c4dd41d02a0d271fbfebd718ec04bc5c5fdb7b3af37cfbf3518567",
	"8911a28892af03adacf2c02df9ece01bc8aaf217fa5d1bab30d67f8e7bff3e32",
	"8b350652e74d7c86b958d4f7ca2eac71af95be2f67eba13fe1dad05a4fc76b5e",
	"8e8fa27e61a5b5f3793211d7c0990a866e261818a891b026d6b835a058d7d357",
	"95bb0ef85ece2f4b5642c2350de99007795e0bc0598737e98a24313d255fc0ad",
	"97847bf5bc3478967e3c4b6988d94a313cd2e3f9053c91919f1deb4fc7dc78d2",
	"97b690685954ea903759a8f0d2a326bfbeb07539dad603f3660dd3017210f2a2",
	"993af044a45b519305aef0989d93919f50c89914146e1726115459b70c90a046",
	"9a756aac0e524f21db2e4015704252c968d9684f1199cb0e2b4a9c94f3566674",
	"9bb0072d49348158308de62be5858559ba47fa4ea2c7595e2b8631d4d20e591c",
	"a0c2f6b79eaf6710e6baba4a8c8951b0cd0e35256ad52c695f9249713d7fd7f5",
	"a0d325c0e8ecf0b900c2c287f46bf6b75fdfa74ac270f26369ebbf92070a71da",
	"a485f1773cc82c2b6bf04471e8b5a46c6c495e624d97d20ab5978b7f48061fe0",
	"a6d1ea43ce50ca68548a62a8cac4c6519d2837cc03d42481486e4f62ef5f3d05",
	"ade5e5834c204a56db78645e5e3569de30a9148974902eb469a90a3d9b9c672a",
	"b0a9f78939c73770ba74a5638278d543a59c38ff6cc5a6e92b12ec59a9bc4bc5",
	"b0bd834051637db239278bcfecef8ed2b0331ee2b7534afdd0912e8a760a5cf1",
	"b10ea35050c0cfca73059a311329d78e15d072c0ed03dc9d9b81d96a09883e00",
	"b2e8a949f952139a4d160baa7b80062c7ff7cd4b1f52207763cbe6120ad6eba5",
	"b536ea5592d8ac31fc224e9f23242ab572e2d1b27585a88b843dc558d7fb30a9",
	"b5997395e9acdee6f280281884273ab44868d07b4cece09e0decd9204da7dfcf",
	"b792a630d3ae5524090d70d3a284873269b8714d464fa523562fd782d726f728",
	"ba386cb57cdc114ac9f4596c62a67e2e67487fc599b3e44f7c93cf5d2b4f52a3",
	"bb7f7b7a780565a6b6adb831e430e609135b5b0a7dc2731eed2e617e609d66fa",
	"bc49a595aff5c373a2bc4c623dd8a1183efbbe8eec2ea49a0a6f31e43b1eefa1",
	"bd2e96c0b60e275f51c8023b5299a59e34de74237ae491d1a34743d760a550d9",
	"c19a23a34515b0d26e6481729bc3ad54f98ba7832d8a37a0f4aa7e756162da28",
	"c6bc4818e943dbcdd1b3be4aea0fbf04cffda22dd75fb51bb718040c1348ef71",
	"c9f1ed8c114ff4711411ab2a45856fc0eb8f5021d1f54ab160842ac7b0f0a201",
	"cc15d191ff5e654380666de60564f83f7ba5c7a170c9868463e35efa5b7a5bbf",
	"d26509cdf938ce4e146bdd701ec880ac491b77b17d415ebd0424ae794a515989",
	"d39c46a1e365bb9ddd604d0c5295f77d02fd77b24cca11340173fe911bcc2bea",
	"d5bb035e96482a99afa3d7c4b3cdf62e15ac0a0bb45ee2df13cb1ac84338dd5b",
	"d93e66e1c4c2eec2b5af36cab552fd2ac2869997431180728b3d1461adbce54e",
	"ddf3111f745dba751b57d1ce74bbd8213d07cdf58ed5bd4d458546b9ebe5f481",
	"dfdac9ce32c75d90535e15afbfc16f780e1ead7b8475c878101a912f93bc36f2",
	"e9e0232654694de4727ca716993fc319033aea138d7751faf3dc825094c64049",
	"ea4b23eef5be5119a86af802dce07fcac9fb465f79c4446e2f0fe66008214d4c",
	"ecc483dfef800609ab8d49681fb1b54d3eda626a99c92cacf012e750dc97b1f5",
	"ece309c6ae3610272fb79ae0d3c5223007e8d107c543e0c33c1bcd356df853b4",
	"eed0af60c7af857a139495b89a4b3a531b01509cd713e9369060f9c3112f47a5",
	"f60a4a0b601c030e12ba7a4c15b75c75399410cbbdb47469c29891e55533e986",
	"fddf10fcde17781cc2b46d2884f08d8afead5b21d6b5708babbaca4857becc73",
};

#define NSIMULATED	(sizeof(simulated) / sizeof(simulated[0]))

static int
in_order(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *)row);
}

static bool
is_simulated(struct atls_bytes spki)
{
	uint8_t digest[ATLS_HASH_MAX], text[2 * DIGEST + 1] = { 0 };
	struct atls_buf out = { text, 2 * DIGEST, 0 };
	struct wr w = wr_of(&out);

	if (crypto_hash(ATLS_SHA256, &spki, 1, digest) != ATLS_OK)
		return true;		/* so that it is refused */
	hex_put(&w, (struct atls_bytes){ digest, DIGEST });
	if (wr_done(&w) != ATLS_OK)
		return true;
	return bsearch(text, simulated, NSIMULATED, sizeof(simulated[0]),
	    in_order) != NULL;
}

/* Of n octets at der, which are OPENSSL_free()d; n <= 0: none. */
static bool
is_simulated_der(uint8_t *der, int n)
{
	bool is = n <= 0 || is_simulated((struct atls_bytes){ der, (size_t)n });

	OPENSSL_free(der);
	ERR_clear_error();
	return is;
}

bool
simulated_cert(const X509 *x)
{
	uint8_t *der = NULL;

	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);

	return is_simulated_der(der, n);
}

bool
crypto_trust_simulated(const struct atls_trust *t)
{
	return t != NULL && t->simulated;
}

bool
crypto_key_simulated(const struct crypto_key *k)
{
	uint8_t *der = NULL;
	int n;

	if (k == NULL)
		return false;
	n = i2d_PUBKEY(k->pkey, &der);
	return is_simulated_der(der, n);
}
